"""Invented Chinese names: streets, lanes, compounds; none is meant to be a real place."""

from dataclasses import dataclass, field

STREET_STEMS = (
    "云岚", "鹭洲",
    "青枫", "松涛", "映山", "望溪", "锦屏", "竹海", "梧桐", "晴川", "翠微", "栖霞",
    "长坡", "金竹", "朝阳", "建设", "文昌", "书院", "枫林", "石桥", "观云", "龙潭", "桃源", "紫薇",
    "丹桂", "听雨", "兰亭", "麒麟", "铜鼓", "花桥", "银杏", "碧波", "南屏", "北斗",
)  # fmt: skip
LANE_STEMS = (
    "榕树",
    "打铁", "豆腐", "盐行", "米市", "学堂", "水井", "城墙", "灯笼", "马房", "油榨", "箍桶",
    "香炉", "铜匠", "裁缝", "茶馆", "药王", "石板", "青瓦", "槐花", "小井", "大井", "后坡", "半边",
    "桂花",
    "柿子", "枇杷", "鱼塘", "碾房", "晒谷", "土地庙", "牌坊", "转弯", "高坎", "矮墙", "三官",
)  # fmt: skip
COMPOUND_STEMS = (
    "云岚",
    "翡翠", "金桂", "阳光", "锦绣", "碧水", "望江", "龙湖湾", "春晓", "天悦", "和谐", "幸福",
    "明珠", "御景", "枫丹", "世纪", "东方", "嘉和", "瑞景", "新城", "康乐", "绿洲", "山水", "文华",
)  # fmt: skip
COMPOUND_ENDINGS = ("花园", "家园", "小区", "苑", "华庭", "名邸")
OLD_COMPOUND_ENDINGS = ("宿舍区", "家属院", "大院", "新村")
VILLAGE_STEMS = ("上寨", "下寨", "麦田", "沙坡", "大坡", "牛场", "石头寨", "岩脚", "田坝", "新寨")
SHOP_STEMS = (
    "好邻居",
    "每日鲜",
    "云品",
    "千家福",
    "邻里",
    "惠民",
    "合力",
    "黔惠",
    "百姓",
    "山里人",
)


@dataclass(kw_only=True, slots=True)
class NameBook:
    """Hands out names so that each is used once; a number is added when stems run out."""

    used: dict[str, int] = field(default_factory=dict)

    def unique(self, stem: str, ending: str) -> str:
        """Return ``stem + ending``, with 二, 三 … between them from the second use on."""
        name = f"{stem}{ending}"
        count = self.used.get(name, 0) + 1
        self.used[name] = count
        return name if count == 1 else f"{stem}{chinese_number(count)}{ending}"

    def pick(self, stems: tuple[str, ...], index: int, ending: str) -> str:
        """Take stem number ``index`` (wrapping) with an ending, made unique."""
        return self.unique(stems[index % len(stems)], ending)


def chinese_number(value: int) -> str:
    """Write 1-99 in Chinese numerals."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(value, 10)
    if tens == 0:
        return digits[ones]
    head = "十" if tens == 1 else f"{digits[tens]}十"
    return head if ones == 0 else head + digits[ones]
