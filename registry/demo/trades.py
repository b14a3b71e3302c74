"""What the invented firms make: trades at home in Gansu's cities, with the habits of each."""

from __future__ import annotations

from dataclasses import dataclass

PETROCHEMICALS = "石化化工"
METALS = "有色冶金"
STEEL = "钢铁材料"
EQUIPMENT = "装备制造"
MATERIALS = "新材料"
ENERGY = "新能源"
ENERGY_EQUIPMENT = "新能源装备"
BATTERIES = "电池材料"
ELECTRONICS = "电子信息"
BIOMEDICINE = "生物医药"
HERBS = "中医药"
FOODS = "农产品加工"
DATA = "数据信息"
ENVIRONMENT = "节能环保"
NO_CHAIN = ""
CHAINS = (
    *(PETROCHEMICALS, METALS, STEEL, EQUIPMENT, MATERIALS, ENERGY, ENERGY_EQUIPMENT),
    *(BATTERIES, ELECTRONICS, BIOMEDICINE, HERBS, FOODS, DATA, ENVIRONMENT),
)
"""The province follows fourteen chains; the names here are general ones."""

ANYWHERE = "*"
NEW_AREA = "XQ"
"""兰州新区, whose trades are not those of 兰州."""


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade. `homes` are the third and fourth digits of city codes, `*` for all of them.

    `per_head` is revenue in 万元 a person at 5,000 万元 of revenue, `margin` the gross margin and
    `research` R&D ÷ revenue of a middling firm, `energy` 吨标准煤 and `water` 立方米 for one
    万元 of value added.
    """

    code: str
    words: str
    products: str
    chain: str
    homes: str
    per_head: float
    margin: float
    research: float
    energy: float
    water: float

    @property
    def is_industry(self) -> bool:
        """Whether 规上工业 can be said of it: mining, manufacturing, utilities."""
        return "06" <= self.code[:2] <= "46"


TRADES: tuple[Trade, ...] = (
    Trade("2511", "特种油品 润滑材料", "工业白油 润滑油基础油", PETROCHEMICALS, "01 09 10", 160, 0.18, 0.020, 2.1, 24),
    Trade("2614", "化工 精细化工", "医药中间体 有机溶剂", PETROCHEMICALS, "XQ 04 09 03", 120, 0.24, 0.030, 1.9, 30),
    Trade("2661", "化学助剂 精细化学品", "油田化学助剂 浮选药剂 水处理剂", PETROCHEMICALS, "01 XQ 04 03 10", 110, 0.27, 0.034, 1.2, 22),
    Trade("2651", "高分子材料 合成材料", "改性聚丙烯 聚氨酯树脂", PETROCHEMICALS, "01 XQ 04", 120, 0.22, 0.032, 1.1, 18),
    Trade("2641", "涂料 防腐材料", "重防腐涂料 水性工业漆", PETROCHEMICALS, "01 05 04 02", 80, 0.27, 0.034, 0.5, 9),
    Trade("2624", "肥业 农业生化", "滴灌专用肥 硝基复合肥", PETROCHEMICALS, "* 03 07 06", 100, 0.19, 0.018, 0.9, 14),
    Trade("2632", "生物农药 植物保护", "苦参碱水剂 植物源杀虫剂", PETROCHEMICALS, "07 06 XQ", 75, 0.32, 0.045, 0.6, 15),
    Trade("3521", "石化装备 化工机械", "加氢反应器内件 高效换热器", EQUIPMENT, "01 XQ", 70, 0.26, 0.037, 0.3, 8),
    Trade("3512", "石油机械 钻采装备", "顶驱钻井装置 抽油机节能装置", EQUIPMENT, "01 10 05", 75, 0.27, 0.040, 0.3, 7),
    Trade("3441", "真空设备 泵业", "水环真空泵 耐腐蚀离心泵", EQUIPMENT, "01 XQ 05", 62, 0.29, 0.042, 0.25, 7),
    Trade("3443", "阀门 流体控制", "高温高压闸阀 智能调节阀", EQUIPMENT, "01 02 05", 60, 0.28, 0.038, 0.25, 7),
    Trade("3421", "机床 数控装备", "数控端面车床 轮毂加工中心", EQUIPMENT, "05", 55, 0.25, 0.052, 0.25, 6),
    Trade("3451", "轴承 精密轴承", "调心滚子轴承 风电主轴轴承", EQUIPMENT, "05 01", 55, 0.24, 0.042, 0.4, 7),
    Trade("3453", "传动机械 齿轮", "行星减速机 硬齿面齿轮箱", EQUIPMENT, "05 01 08", 58, 0.25, 0.038, 0.35, 7),
    Trade("3511", "矿山机械 矿业装备", "井下铲运机 振动放矿机", EQUIPMENT, "01 03 04 12", 66, 0.26, 0.036, 0.3, 8),
    Trade("3572", "农业机械 农机装备", "马铃薯联合收获机 残膜回收机", EQUIPMENT, "05 07 09 11 06", 60, 0.22, 0.034, 0.25, 6),
    Trade("3532", "食品机械 粮油装备", "淀粉分离设备 果蔬清洗线", EQUIPMENT, "01 06 11", 58, 0.26, 0.036, 0.25, 6),
    Trade("3823", "电气 开关设备", "真空断路器 智能配电柜", EQUIPMENT, "05 01 XQ", 66, 0.27, 0.048, 0.2, 5),
    Trade("3812", "电机 电传动", "高效永磁电机 防爆电机", EQUIPMENT, "01 05", 62, 0.24, 0.042, 0.25, 6),
    Trade("3831", "线缆 电缆", "矿用橡套电缆 铝合金电缆", EQUIPMENT, "01 04 05 XQ", 140, 0.14, 0.022, 0.2, 5),
    Trade("3212", "有色金属 矿冶", "精制锌锭 铅合金锭", METALS, "12 04", 180, 0.14, 0.014, 2.4, 26),
    Trade("3213", "镍钴材料 金属盐业", "电池级硫酸镍 四氧化三钴", METALS, "03", 170, 0.16, 0.026, 1.8, 28),
    Trade("3240", "合金材料 特种合金", "铜镍合金棒 铝硅中间合金", METALS, "03 04 01 11", 130, 0.17, 0.026, 1.1, 14),
    Trade("3251", "铜业 铜材", "无氧铜杆 异型铜排", METALS, "03 04 XQ", 200, 0.10, 0.018, 0.7, 10),
    Trade("3252", "铝业 轻合金", "铝板带 轨道车辆铝型材", METALS, "01 02 11", 160, 0.13, 0.018, 1.3, 12),
    Trade("3232", "稀土材料 稀土功能材料", "抛光粉 镨钕金属", METALS, "04", 130, 0.21, 0.038, 1.4, 20),
    Trade("3130", "金属制品 钢材加工", "热镀锌钢板 不锈钢复合板", STEEL, "02 01", 190, 0.10, 0.014, 1.9, 16),
    Trade("3311", "钢结构 重工", "装配式钢结构 风电塔筒", STEEL, "*", 85, 0.15, 0.016, 0.3, 5),
    Trade("3391", "铸造 精密铸件", "球墨铸铁件 耐磨衬板", STEEL, "02 05 01 08", 60, 0.20, 0.026, 1.2, 10),
    Trade("3360", "表面工程 热处理", "耐磨堆焊件 镀锌构件", STEEL, "01 02 05", 55, 0.26, 0.034, 0.9, 12),
    Trade("3062", "复合材料 玻璃钢", "玻璃钢管道 风电叶片芯材", MATERIALS, "01 09 06", 65, 0.24, 0.034, 0.5, 7),
    Trade("3073", "特种陶瓷 陶瓷科技", "氧化铝陶瓷件 陶瓷过滤板", MATERIALS, "01 04 08", 58, 0.30, 0.046, 1.0, 8),
    Trade("3089", "耐火材料 窑炉材料", "镁碳砖 浇注料", MATERIALS, "02 08 01", 68, 0.21, 0.022, 1.6, 9),
    Trade("3034", "保温材料 绝热科技", "岩棉板 气凝胶毡", MATERIALS, "*", 66, 0.22, 0.024, 0.9, 7),
    Trade("3021", "新型建材 水泥制品", "预制管廊 预应力管桩", NO_CHAIN, "*", 80, 0.17, 0.010, 0.8, 11),
    Trade("2922", "塑业 管业", "滴灌管 聚乙烯给水管", MATERIALS, "*", 76, 0.19, 0.020, 0.5, 6),
    Trade("2921", "薄膜科技 塑料包装", "全生物降解地膜 食品包装膜", MATERIALS, "* 07 11", 74, 0.18, 0.020, 0.5, 6),
    Trade("3099", "矿物材料 凹凸棒石", "凹凸棒石吸附剂 饲料载体", MATERIALS, "07 04", 60, 0.27, 0.034, 1.0, 10),
    Trade("3415", "风电装备 风能科技", "风力发电机组机舱罩 风电塔架", ENERGY_EQUIPMENT, "09 06 07 XQ", 150, 0.15, 0.026, 0.2, 4),
    Trade("3825", "光伏 太阳能科技", "光伏组件 跟踪支架", ENERGY_EQUIPMENT, "09 06 02 XQ", 160, 0.14, 0.030, 0.3, 7),
    Trade("4416", "新能源 绿能发电", "光伏电力 储能调峰服务", ENERGY, "09 06 07 02 04", 240, 0.44, 0.010, 0.1, 2),
    Trade("3841", "储能科技 锂电", "磷酸铁锂储能电池 动力电池模组", BATTERIES, "03 XQ", 130, 0.17, 0.045, 0.5, 8),
    Trade("3985", "电子材料 铜箔", "超薄锂电铜箔 三元前驱体", BATTERIES, "XQ 03 04", 180, 0.15, 0.036, 0.9, 14),
    Trade("3091", "炭素 石墨材料", "负极材料 超高功率石墨电极", BATTERIES, "01 XQ 04", 110, 0.19, 0.030, 2.2, 9),
    Trade("3973", "半导体 微电子", "集成电路封装测试 功率器件", ELECTRONICS, "05", 68, 0.22, 0.075, 0.4, 18),
    Trade("3982", "电路科技 精密电子", "引线框架 封装基板", ELECTRONICS, "05 XQ", 64, 0.23, 0.055, 0.4, 16),
    Trade("3983", "传感技术 测控科技", "压力传感器 矿用气体传感器", ELECTRONICS, "05 01 08", 54, 0.38, 0.085, 0.1, 4),
    Trade("2761", "生物制品 生物技术", "诊断用抗原 动物血清", BIOMEDICINE, "01 XQ", 66, 0.48, 0.085, 0.2, 8),
    Trade("2720", "制药 药业", "口服固体制剂 注射用粉针", BIOMEDICINE, "01 XQ 05", 64, 0.45, 0.055, 0.4, 12),
    Trade("2770", "卫生材料 医用制品", "医用敷料 防护用品", BIOMEDICINE, "01 05 09", 56, 0.28, 0.036, 0.2, 6),
    Trade("3581", "医疗器械 医学影像", "康复治疗设备 放疗定位系统", BIOMEDICINE, "01 06 XQ", 58, 0.42, 0.085, 0.1, 4),
    Trade("2750", "兽药 动物保健", "中兽药散剂 口服液", BIOMEDICINE, "01 11 06", 60, 0.36, 0.045, 0.3, 8),
    Trade("2730", "中药饮片 药材科技", "当归饮片 黄芪饮片", HERBS, "11 12 01 07 10 *", 72, 0.22, 0.024, 0.3, 7),
    Trade("2740", "中药 药业科技", "浓缩丸 复方颗粒剂", HERBS, "01 05 11 08 30", 62, 0.46, 0.040, 0.4, 10),
    Trade("1391", "淀粉 薯业", "马铃薯精淀粉 变性淀粉", FOODS, "11 07 06", 92, 0.17, 0.018, 1.0, 22),
    Trade("1353", "肉业 牧业食品", "冷鲜牛羊肉 酱卤肉制品", FOODS, "29 30 08 06 *", 96, 0.14, 0.011, 0.3, 12),
    Trade("1373", "果业 果品", "苹果脆片 枸杞制品", FOODS, "05 08 10 09 04", 74, 0.19, 0.016, 0.4, 12),
    Trade("1371", "脱水蔬菜 蔬菜食品", "脱水洋葱 番茄制品", FOODS, "07 06 09 01", 70, 0.19, 0.014, 0.7, 20),
    Trade("1331", "油橄榄 橄榄油", "初榨橄榄油 橄榄叶提取物", FOODS, "12", 84, 0.27, 0.020, 0.4, 8),
    Trade("1331", "油脂 粮油", "冷榨胡麻油 浓香菜籽油", FOODS, "04 10 11 *", 92, 0.20, 0.014, 0.4, 8),
    Trade("1469", "调味品 香辛料", "花椒油 草本调味料", FOODS, "12 05 29", 66, 0.26, 0.018, 0.3, 8),
    Trade("1523", "饮品 果汁", "浓缩苹果汁 沙棘饮料", FOODS, "05 08 10", 78, 0.23, 0.016, 0.7, 18),
    Trade("1512", "酒业 酿造", "浓香型白酒 青稞酒", FOODS, "12 06 05", 82, 0.46, 0.010, 0.5, 18),
    Trade("1515", "葡萄酒业 酒庄", "干红葡萄酒 冰葡萄酒", FOODS, "06 07 02", 60, 0.42, 0.014, 0.4, 14),
    Trade("1441", "乳业 乳品", "巴氏杀菌乳 牦牛酸奶", FOODS, "30 29 01 07", 88, 0.24, 0.013, 0.4, 12),
    Trade("1329", "饲料 牧草科技", "反刍饲料 苜蓿颗粒", FOODS, "*", 130, 0.11, 0.011, 0.3, 5),
    Trade("1314", "杂粮 粮油食品", "荞麦制品 小杂粮包装粮", FOODS, "10 11 04 08", 90, 0.14, 0.011, 0.3, 4),
    Trade("2437", "地毯 民族工艺", "手工羊毛地毯 机织毯", NO_CHAIN, "29 30 05", 38, 0.24, 0.016, 0.3, 7),
    Trade("1722", "毛纺 绒业", "牦牛绒纱 羊绒面料", NO_CHAIN, "29 30 06", 44, 0.21, 0.018, 0.5, 12),
    Trade("1819", "服饰 制衣", "职业装 民族服装", NO_CHAIN, "*", 32, 0.22, 0.009, 0.1, 3),
    Trade("6513", "软件 信息技术", "工业管理软件 政务应用软件", DATA, "01 XQ 05 *", 42, 0.46, 0.140, 0.05, 2),
    Trade("6531", "系统集成 智能科技", "智慧园区平台 工业互联网平台", DATA, "01 02 03 05", 56, 0.34, 0.085, 0.05, 2),
    Trade("6450", "数据科技 云计算", "算力服务 数据标注服务", DATA, "XQ 10 01 03", 88, 0.36, 0.080, 0.4, 3),
    Trade("6520", "芯片设计 微系统", "电源管理芯片 传感信号芯片", DATA, "05 01", 60, 0.42, 0.160, 0.05, 2),
    Trade("3591", "环保设备 环境工程", "高盐废水处理装置 布袋除尘器", ENVIRONMENT, "01 XQ 04 03", 66, 0.28, 0.042, 0.2, 6),
    Trade("4021", "环境监测 分析仪器", "烟气在线监测仪 水质分析仪", ENVIRONMENT, "01 05", 52, 0.42, 0.095, 0.1, 3),
    Trade("4210", "再生资源 资源循环", "再生铜锭 废旧电池回收料", ENVIRONMENT, "04 03 01 02", 170, 0.10, 0.016, 0.6, 9),
    Trade("4220", "固废利用 循环科技", "粉煤灰微粉 尾矿制砂", ENVIRONMENT, "* 03 04", 74, 0.21, 0.022, 0.6, 8),
    Trade("2542", "生物质能 秸秆利用", "生物质颗粒 秸秆压块", ENVIRONMENT, "*", 66, 0.18, 0.016, 0.4, 4),
)  # fmt: skip

HOME, ELSEWHERE = 6, 1
"""How much likelier a trade is where it is at home than where it may be found at all."""


def likelihood(trade: Trade, city: str) -> int:
    """How likely a firm of `city` (two digits, or NEW_AREA) is of this trade; 0 means never."""
    homes = trade.homes.split()
    if city in homes:
        return HOME
    return ELSEWHERE if ANYWHERE in homes else 0
