"""A small standard of two elements, and one that inherits from it; lines can be counted in both."""

# Profile fields of any small standard: categories, walking, evidence, matching.
SHARED = """\
  categories:
    - {zh: 教, id: education, elements: 1}
    - {zh: 食, id: food, elements: 1}
  walking:
    speeds_m_per_s:
      - {group: adult, value: 1.3, source: A, confidence: default}
    max_snap_m: {value: 150, source: A, confidence: default}
  evidence:
    min_services: {value: 10, source: A, confidence: default}
    min_services_per_1000: {value: 2, source: A, confidence: default}
    untold_completeness: [low]
    service_keys: [shop]
  osm_matching:
    range_keys: [grades]
    dedupe_m: {value: 40, source: A, confidence: default}
"""

PARENT = (
    """\
schema_version: 1
profile:
  id: parent
  version: '1'
  title_zh: 上级标准
  title_en: the parent
  official: true
  statement_zh: 官方
  statement_en: official
"""
    + SHARED
    + """\
sources:
  - {id: A, title: 甲}
elements:
  - id: school
    name_zh: 学校
    name_en: school
    category: 教
    tier: 10min
    treatment: facility_access
    walk_threshold: {minutes: 10, metres: 500, source: A, confidence: verbatim, note: of the 500}
    coverage:
      basis: [population]
      target: 0.9
      source: A
      confidence: verbatim
      acceptable: 0.8
      acceptable_source: A
      acceptable_confidence: default
    osm:
      any_of:
        - {tags: {amenity: school}}
      expected_completeness_cn: low
    planner_columns: [id, name, status]
  - id: shop
    name_zh: 商店
    name_en: shop
    category: 食
    tier: 5min
    treatment: facility_access
    walk_threshold: {metres: 300, source: A, confidence: default}
    coverage:
      basis: [population]
      target: 0.8
      source: A
      confidence: default
      acceptable: 0.7
      acceptable_source: A
      acceptable_confidence: default
    osm:
      any_of:
        - {tags: {shop: convenience}}
      expected_completeness_cn: high
    planner_columns: [id, name]
    gap_remedy: open one
"""
)

CHILD = """\
schema_version: 1
extends: parent.yaml
profile:
  id: child
  version: '2026.1'
  title_zh: 下级标准
  official: false
  statement_zh: 试行
  statement_en: on trial
sources:
  - {id: B, title: 乙}
elements:
  - id: school
    walk_threshold: {metres: 800, source: B, confidence: secondary}
"""


def line_of(text: str, part: str) -> int:
    """Return the line of the first place where `part` stands, counted from 1."""
    return text[: text.index(part)].count("\n") + 1
