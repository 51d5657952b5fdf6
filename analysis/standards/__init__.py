"""The packaged standards: one YAML file each, checked by ``standard.schema.json``."""
