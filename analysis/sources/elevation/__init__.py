"""Elevation rasters: GeoTIFF and SRTM tiles, read into heights along the streets."""
