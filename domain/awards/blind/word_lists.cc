#include "domain/awards/blind/word_lists.h"

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <unordered_set>

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include "domain/awards/blind/folded.h"
#include "text/letters.h"

namespace cityloop::awards::blind {
namespace {

// The surnames of all but some thousandths of people.
constexpr std::string_view kSurnames =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔"
    "谭"
    "廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易"
    "乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙"
    "鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬"
    "师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻"
    "位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌"
    "母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭"
    "由";
constexpr std::string_view kDoubleSurnames =
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 夏侯 长孙 宇文 端木 南宫 独孤 轩辕 西门 呼延 拓跋 "
    "澹台 申屠 "
    "太史 钟离 闻人 濮阳 淳于 单于 公冶 宗政 仲孙 鲜于 万俟 完颜 赫连 纳兰";
// How they are read as surnames, where that is not how they are read elsewhere.
const std::map<std::string_view, std::string_view>& surname_readings() {
  static const std::map<std::string_view, std::string_view> all{
      {"单", "shan"},      {"曾", "zeng"},     {"解", "xie"},     {"仇", "qiu"},         {"区", "ou"},
      {"查", "zha"},       {"朴", "piao"},     {"翟", "zhai"},    {"乐", "yue"},         {"盖", "ge"},
      {"缪", "miao"},      {"覃", "qin"},      {"冼", "xian"},    {"谌", "chen"},        {"种", "chong"},
      {"洗", "xian"},      {"尉迟", "yu chi"}, {"万俟", "mo qi"}, {"长孙", "zhang sun"}, {"澹台", "tan tai"},
      {"单于", "chan yu"}, {"吕", "lv"},       {"臧", "zang"},    {"贾", "jia"},         {"沈", "shen"},
      {"石", "shi"},       {"逯", "lu"}};
  return all;
}

constexpr std::string_view kGivenNames =
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark "
    "donald steven paul "
    "andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob gary nicholas eric "
    "jonathan stephen larry "
    "justin scott brandon benjamin samuel gregory alexander frank patrick raymond jack dennis jerry tyler aaron jose "
    "adam nathan henry "
    "peter zachary douglas walter kyle carl arthur roger keith jeremy terry sean austin christian lawrence oliver "
    "harry mary patricia "
    "jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly emily "
    "donna michelle "
    "carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna "
    "brenda pamela emma "
    "nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie "
    "olivia joyce "
    "virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria "
    "teresa ann sara "
    "madison frances kathryn janice jean alice sophie sophia grace lucy claire martin simon philip alan ian neil "
    "graham colin stuart "
    "hans klaus jens lars erik anders pierre jacques marie luis carlos juan miguel antonio marco giovanni luca yuki "
    "hiroshi kenji raj "
    "priya ahmed mohammed ali omar fatima ivan dmitri olga natasha vincent tony jimmy tom mike jim bob bill joe dan "
    "steve";

constexpr std::string_view kOrdinary =
    "高级 高校 高新 高效 高速 高度 高层 高质 高清 高峰 高铁 高等 高中 项目 任何 任务 任意 方案 方面 方式 方法 方便 "
    "方向 方可 时代 时间 时空 "
    "时期 时长 金融 金额 安全 安装 安排 安防 程序 程度 常务 常见 常规 常态 管理 管网 管道 管控 管委 管线 温度 万元 "
    "万人 万名 万户 万余 公司 公共 公开 "
    "公众 公安 公园 公里 公民 公交 公路 公示 公平 公正 平台 平安 平均 平方 平稳 成员 成本 成果 成立 成功 成效 成为 "
    "成熟 成都 水利 田间 文化 文件 文明 "
    "文档 文本 文旅 和谐 和平 于是 于一 周边 周期 周末 向量 向社 应用 应急 应对 应当 应收 明确 明显 明年 全国 全市 "
    "全部 全面 全程 全域 全天 全区 全省 全员 "
    "全球 全民 全流 全体 全新 全县 华北 华南 华东 华中 海洋 海量 海绵 海外 江南 江西 江苏 河南 黄金 连接 连续 连通 "
    "路口 路由 路网 路径 路段 路灯 强化 "
    "强调 乐园 阳光 云计 云端 云平 云上 尚未 计划 计算 计量 能力 能源 党委 党建 党组 党员 党群 施工 施行 经济 经过 "
    "经验 毛利 石油 单位 单元 单一 单项 解决 解放 "
    "查询 查看 曾经 许可 许多 何种 何时 区域 区块 区内 区级 区间 车辆 车站 车位 车载 车流 终端 盛行 林业 农业 农村 "
    "农民 农户 相关 相比 相应 相互 国家 "
    "国内 国际 国有 国务 国土 支持 支撑 支付 计生 初步 初期 初始 门户 门禁 容量 容器 来自 来源 都市 普通 普及 普惠 "
    "居民 居住 居家 干部 干预 干线 但是 "
    "元素 信息 信号 信用 展示 展现 展开 智慧 智能 智库 富有 由于 由此 位置 位于 强大 强制 满意 满足 原因 原有 原始 "
    "原则 原理 商业 商务 商户 沙盘 明细 "
    "南方 南部 北方 班组 班子 储能 储存 储备 景区 景观 宫殿 费用 冷却 席位 卫生 卫星 米级 桂林 师资 师生 官方 官网 "
    "封闭 惠及 惠民 楼宇 楼层 楼栋 海关 "
    "花费 权限 权益 权重 权威 豆类 练习 祖国 巴士 丰富 索引 宣传 宣布 古城 古建 简单 简化 简称 简易 司法 司机 连锁 "
    "麦田 阳台 游客 游览 辛苦 蓝图 蓝天 "
    "管家 蒙古 房屋 房产 房间 农产 江河 白天 白名 石化 龙头 武汉 洪涝 康复 康养 文教 牛奶 安静 齐全 易于 易用 左右 "
    "包括 包含 宁夏 宁波 符合 纪检 纪委 "
    "纪念 梅雨 童年 季度 成长 曲线 路线 管护 古代 关键 关注 关系 关于 关联 关闭 关停 兰州 焦点 尹始 段落 雷达 雷电 "
    "史料 顾客 顾问 贺信 钱款 严格 严重 "
    "莫大 孔隙 汤类 温室 施策 武装 葛洲 安徽 安置 乔木 章程 章节 鲁班 申请 申报 申领 欧盟 欧洲 左侧 白皮 方针 金属 "
    "夏季 秋季 石材 戴上 陆续 陆地 汪洋 "
    "范围 范例 程控 丁字 沈阳 任职 杜绝 苏州 魏晋 余额 余名 余家 叶片 袁家 董事 田地 潘多 蔡司 彭湃 曹操 韩国 冯唐 "
    "邓小 许诺 唐山 宋体 谢谢 梁柱 郑州 罗列 林区 "
    "何以 郭外 胡同 朱红 马上 马路 孙子 徐州 周一 周二 周三 周四 周五 吴江 赵州 黄河 黄色 杨树 陈列 陈述 刘海 张贴 "
    "张家 李子 王者 江水 金牌 白领 侯车 熊猫 "
    "孟加 秦岭 阎良 薛家 万物 万达 贾汪 韦尔 方圆 石家 包装 舒适 阮氏 柯达 毕业 毕竟 裴氏 霍尔 涂料 苗木 谷歌 翁源 "
    "骆驼 柴油 鲍鱼 华为 喻为 祁连 房地 滕州 屈服 饶有 "
    "艾滋 尤其 时刻 穆斯 卓越 卓有 吉林 吉祥 缪斯 车间 党政 利用 利润 利益 利率 由市 由区 由省 智力 幸福 奉献 植物 "
    "植树 衡量 公益 公务 公告 公证 公积 印发 印制 "
    "修复 修改 修建 修订 杭州 那么 那些 银行 信任 信访 阿里 乌鲁 母婴 战略 危险 危机 隆重 斯德 束缚 宿舍 鲜活 况且 "
    "湛江 宾馆 居委 揭阳 居间 公厕 平面 平时 计费 "
    "计入 国标 国企 支队 支部 支出 相机 相结 宣讲 伏电 初审 都可 云南 门店 来电 来访 普查 敬老 容错 晋升 巴中 井盖 "
    "井下 漆面 盖板 朴素 强度 花园 花卉 海淀 海南 海口 "
    "海事 郁闷 乐器 惠州 荆州 封控 匡算 谈判 官员 池塘 查处 查找 麻烦 明晰 巩固 仲裁 丛林 郎酒 桑叶 巫山 荣誉 荣获 "
    "沙特 刁难 商品 商家 商圈 隋唐 仇恨 和国 和实 和管 "
    "师傅 边界 边缘 边防 全覆 应答 瞿塘 宗旨 宗教 柏油 米粒 卫健 席卷 晏安 冷链 费率 宫廷 党校 景点 岑溪 戚家 窦房 "
    "娄底 褚红 麦克 芦苇 连云 项下 车牌 车主 车道 司局 农科 "
    "时速 时序 时效 时段 阳性 尤为 艾灸 牟利 解读 解析 解答 解除 房管 蒲公 喻示 鲍勃 蒙受 柴米 管辖 管养 靳东 辛亥 "
    "游戏 路面 路况 蓝牙 冉冉 曲折 盛会 谷物 成交 成绩 成套 成品 "
    "涂鸦 季节 单车 单独 单价 毕节 凌晨 童话 梅花 纪实 柯桥 舒缓 符号 宁静 尚可 包容 祝贺 甘肃 柳州 左转 俞家 兰花 "
    "关怀 关爱 关口 耿直 欧式 申诉 詹姆 殷切 翟家 岳阳 鲁迅 章丘 聂荣 "
    "庄严 倪虹 颜色 庞大 伍家 乔迁 易拉 齐抓 安心 安保 安居 安康 安阳 邢台 葛根 樊城 牛市 文字 文体 文创 文物 施肥 "
    "康乐 温馨 温州 常年 常住 常德 常州 常用 向上 向下 向前 向市 向群 "
    "汤姆 莫斯 武器 洪水 洪峰 覃塘 赖以 严谨 严控 严肃 钱包 万科 邵阳 龚滩 郝家 毛细 毛坯 顾及 贺州 陶瓷 龙岗 龙华 "
    "史实 黎明 雷同 段位 江门 江湾 白云 白板 秦皇 孟州 熊市 邹城 侯马 方位 "
    "方圆 夏令 石墨 金华 金牛 金山 陆家 汪清 范式 廖若 谭木 崔嵬 姜黄 钟表 钟楼 傅里 卢沟 姚江 任期 沈河 丁香 吕梁 "
    "程式 魏都 苏宁 杜鹃 蒋家 叶绿 余热 于此 袁州 董监 田园 潘家 蔡甸 肖像 "
    "萧山 彭州 曾都 曹妃 韩语 冯家 邓州 许昌 唐代 宋代 谢岗 梁平 郑重 罗湖 林草 林下 何处 郭守 胡萝 朱雀 马鞍 孙吴 "
    "徐汇 周到 周转 吴中 赵县 黄浦 黄山 杨浦 陈旧 刘家 张力 李沧 王牌";

constexpr std::string_view kCities =
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 "
    "云南 陕西 甘肃 青海 台湾 内蒙古 "
    "广西 西藏 宁夏 新疆 香港 澳门 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 "
    "晋城 朔州 晋中 运城 忻州 临汾 吕梁 "
    "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 "
    "辽阳 盘锦 铁岭 朝阳 葫芦岛 长春 四平 "
    "辽源 通化 白山 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 "
    "徐州 常州 苏州 南通 连云港 淮安 "
    "盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 "
    "铜陵 安庆 黄山 滁州 阜阳 宿州 六安 "
    "亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 "
    "上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 "
    "济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 "
    "商丘 信阳 周口 驻马店 武汉 黄石 十堰 "
    "宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 "
    "娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 "
    "江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 "
    "贵港 玉林 百色 贺州 河池 来宾 崇左 海口 "
    "三亚 三沙 儋州 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 "
    "六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 "
    "保山 昭通 丽江 普洱 临沧 大理 拉萨 日喀则 昌都 林芝 山南 那曲 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 "
    "兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 "
    "酒泉 庆阳 定西 陇南 西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密 昆山 义乌 张家港 常熟 江阴 "
    "晋江 余姚 慈溪 诸暨 雄安 浦东 前海 横琴 台北 高雄";

constexpr std::string_view kCapitals =
    "AI API APP GIS BIM CIM IOT GPS GPU CPU IT ICT PDF XML JSON HTTP HTTPS URL SQL LED LCD PM CO CO2 NO2 SO2 GDP KPI "
    "ROI SLA PPP BOT EPC TOT NB LTE GSM WIFI UPS "
    "RFID NFC QR OCR NLP LLM SDK SAAS PAAS IAAS CCTV UAV AR VR MR XR EV V2X ADAS DRT MAAS BRT OK USB VPN LAN WAN TCP "
    "UDP IP MQTT NGSI LD GB ISO IEC IEEE ITU UN EU USA "
    "SDG ESG PV AC DC KW KWH MW MWH GW RMB CNY USD EUR FAQ CEO CTO CIO CFO HR PR RD QA FTP SSL TLS SM2 SM3 SM4 SCADA "
    "PLC DCS ERP CRM OA BI ETL DNS CDN SMS MMS VIP II III IV VI "
    "VII VIII IX XI XII THE AND FOR NOT ALL NEW";

constexpr std::string_view kLeads =
    "我们 我司 本司 我市 我局 我单位 本单位 本项目 该项目 项目 位于 地处 坐落于 坐落在 在 由 与 和 及 以及 是 为 对 向 "
    "将 的 了 等 到 至 从 于 被 经 "
    "联合 委托 通过 依托 隶属于 隶属 来自 根据 按照 依据 印发 发布 关于 其中 包括 负责 建设单位 承建单位 申报单位 "
    "牵头单位 参与单位 支持单位 单位 公司 地址 "
    "邀请 组织 会同 携手 协同 协助 支持 服务 采购 使用 运营 承建 承担 建设 牵头 主办 承办 现任 曾任 任职 就职 毕业 "
    "获得 获 并 而 或 "
    "签约 合作 共同 感谢 帮助 指导 参与 参加 前往 考察 走访 完成 开展 推动 实施 属于 归 交 请 让 把 给 以 即 暨 同 随 "
    "自";

std::unordered_set<std::string_view> set_of(std::string_view words) {
  std::unordered_set<std::string_view> out;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (end > at) out.insert(words.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::unordered_set<std::string_view> letters_of(std::string_view text) {
  std::unordered_set<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const text::Letter letter = text::next_letter(text, at);
    out.insert(text.substr(letter.begin, letter.end - letter.begin));
  }
  return out;
}

std::string latin(std::string_view han) {
  static const std::unique_ptr<icu::Transliterator> reader = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(icu::Transliterator::createInstance(
        "Han-Latin; NFD; [:Nonspacing Mark:] Remove; NFC; Lower", UTRANS_FORWARD, status));
  }();
  if (!reader) return {};
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(icu::StringPiece(han.data(), std::int32_t(han.size())));
  reader->transliterate(text);
  std::string out;
  text.toUTF8String(out);
  return out;
}

}  // namespace

bool is_surname(std::string_view text) {
  static const auto single = letters_of(kSurnames);
  static const auto two = set_of(kDoubleSurnames);
  return single.contains(text) || two.contains(text);
}

bool is_pinyin_surname(std::string_view lower_case) {
  static const auto* const all = [] {
    auto* const out = new std::unordered_set<std::string>;
    for (const auto& list : {letters_of(kSurnames), set_of(kDoubleSurnames)}) {
      for (const std::string_view surname : list) {
        std::string joined;
        for (const std::string& syllable : pinyin_of_name(surname)) joined += syllable;
        out->insert(joined);
      }
    }
    out->insert({"lu", "lyu", "lü", "leung", "cheung", "wong", "chan", "lam", "kwok", "ng", "tsang", "hui", "yeung"});
    return out;
  }();
  return all->contains(std::string(lower_case));
}

bool is_given_name(std::string_view lower_case) {
  static const auto all = set_of(kGivenNames);
  return all.contains(lower_case);
}

bool begins_as_ordinary_word(std::string_view han) {
  static const auto all = set_of(kOrdinary);
  return all.contains(first_letters(han, 2));
}

std::span<const std::string_view> city_names() {
  static const std::vector<std::string_view> all = [] {
    const auto set = set_of(kCities);
    std::vector<std::string_view> out(set.begin(), set.end());
    std::ranges::sort(out);
    return out;
  }();
  return all;
}

bool is_capital_word(std::string_view capitals) {
  static const auto all = set_of(kCapitals);
  return all.contains(capitals);
}

std::size_t led_up_to(std::string_view han) {
  static const auto leads = set_of(kLeads);
  std::size_t cut = 0;
  for (std::size_t at = 0; at < han.size();) {
    std::size_t next = at;
    (void)text::next_letter(han, next);
    for (std::size_t letters = 5; letters >= 1; --letters) {
      const std::string_view word = first_letters(han.substr(at), letters);
      // A name keeps its beginning: 和平路 is none that 和 leads up to. What stands before must be a lead as well.
      if (!leads.contains(word) || at != cut) continue;
      const bool city =
          std::ranges::any_of(city_names(), [&](std::string_view it) { return han.substr(at).starts_with(it); });
      if (letters == 1 && (city || begins_as_ordinary_word(han.substr(at)))) continue;
      cut = at + word.size();
      next = cut;
      break;
    }
    at = next;
    if (at != cut) break;
  }
  return cut < han.size() ? cut : 0;
}

std::vector<std::string> pinyin_of(std::string_view han) {
  std::vector<std::string> out;
  std::istringstream in(latin(han));
  for (std::string syllable; in >> syllable;) out.push_back(syllable);
  return out;
}

std::vector<std::string> pinyin_of_name(std::string_view han) {
  const std::size_t letters = surname_letters(han);
  const std::string_view surname = first_letters(han, std::max<std::size_t>(letters, 1));
  std::vector<std::string> out;
  if (const auto found = surname_readings().find(surname); found != surname_readings().end()) {
    std::istringstream in{std::string(found->second)};
    for (std::string syllable; in >> syllable;) out.push_back(syllable);
  } else {
    out = pinyin_of(surname);
  }
  for (std::string& syllable : pinyin_of(han.substr(surname.size()))) out.push_back(std::move(syllable));
  return out;
}

std::size_t surname_letters(std::string_view han) {
  if (is_surname(first_letters(han, 2)) && letters_in(first_letters(han, 2)) == 2) return 2;
  return is_surname(first_letters(han, 1)) ? 1 : 0;
}

}  // namespace cityloop::awards::blind
