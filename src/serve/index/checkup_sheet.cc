#include "serve/index/checkup_sheet.h"

#include <algorithm>
#include <cmath>

namespace cityloop::serve {
namespace {

using index::Declaration;
using Row = std::vector<std::string>;

constexpr double kCurveHeight = 62, kCurveGap = 22;  // two curves stand side by side

class CheckupSheet {
 public:
  CheckupSheet(const Checkup& checkup, const CheckupWish& wish, const City& city, const base::TimeZone& zone,
               Language language)
      : is_(checkup), wish_(wish), city_(city), zone_(zone), zh_(language == Language::zh) {}

  SheetInfo info(const std::string& font_config) const {
    SheetInfo out;
    out.title = fmt::format("{} · {} · {}", say(city_.name), title(), place());
    out.subject = stretch();
    out.author = say(city_.name);
    out.language = zh_ ? "zh" : "en";
    out.made_at = is_.to;
    out.page_of = say("第 {} 页，共 {} 页", "Page {} of {}");
    out.footer = plain(fmt::format("{} {} · {}", say(city_.name), title(), stretch()));
    out.font_config = font_config;
    return out;
  }

  void write(Sheet& to) const {
    to.masthead(
        {say(city_.name), title(), fmt::format("{} · {}", place(), stretch()), day(is_.to), summary(), ink::kBlue, {}});
    write_findings(to);
    for (const CheckupDomain& domain : is_.domains) write_domain(to, domain);
    to.note(
        plain(say("各数值的计算口径、阈值与数据来源见指标声明；缺失与过期的数据不按零计。",
                  "How each number is reckoned, its thresholds and sources stand in its declaration; what is missing "
                  "or out of date is never counted as zero.")));
  }

 private:
  std::string say(std::string_view zh, std::string_view en) const { return std::string(zh_ ? zh : en); }
  std::string say(const flow::Bilingual& text) const { return zh_ ? text.zh : text.en; }
  std::string title() const { return say("城市体检报告", "City check-up"); }
  std::string place() const { return say(wish_.area->name); }
  std::string day(base::Instant at) const { return base::format_time(zone_.to_local(at)).substr(0, 10); }
  std::string stretch() const { return fmt::format("{} – {}", day(is_.from), day(is_.to)); }
  std::string summary() const {
    std::size_t met = 0, missed = 0;
    for (const CheckupDomain& one : is_.domains) met += one.met, missed += one.missed;
    return zh_ ? fmt::format("{} 项达标 · {} 项未达标", met, missed) : fmt::format("{} met · {} missed", met, missed);
  }

  void write_findings(Sheet& to) const {
    to.heading(plain(say("主要发现", "What stands out")));
    if (is_.findings.empty()) {
      to.paragraph(plain(say("各项指标均达目标，数据齐全。", "All targets are met, and no data are missing.")));
      return;
    }
    std::size_t number = 0;
    for (const CheckupFinding& each : is_.findings)
      to.paragraph(fmt::format("{} {}", bold(fmt::format("{}.", ++number)), plain(say(each.text))));
  }

  std::string value(const Declaration& one, const std::optional<double>& number) const {
    return number ? plain(shown_value(one, *number)) : soft(say("缺失", "missing"));
  }
  std::string target(const Declaration& one) const {
    if (!one.target) return "–";
    if (one.target_to) return plain(fmt::format("{} – {}", *one.target, shown_value(one, *one.target_to)));
    return plain(
        fmt::format("{} {}", one.direction == index::Better::higher ? "≥" : "≤", shown_value(one, *one.target)));
  }
  std::string way(ValueTrend::Way way) const {
    switch (way) {
      case ValueTrend::Way::better: return plain(say("向好", "better"));
      case ValueTrend::Way::worse: return bold(say("变差", "worse"));
      case ValueTrend::Way::same: return plain(say("持平", "same"));
      case ValueTrend::Way::unknown: break;
    }
    return "–";
  }

  void write_domain(Sheet& to, const CheckupDomain& domain) const {
    to.heading(plain(say(domain.name)), 90);
    const Column columns[] = {{say("指标", "Indicator"), 0.34}, {say("当前值", "Now"), 0.15},
                              {say("目标", "Target"), 0.15},    {say("期初", "Before"), 0.13},
                              {say("期内平均", "Mean"), 0.13},  {say("趋势", "Trend"), 0.1}};
    std::vector<Row> rows;
    for (const CheckupLine& line : domain.lines) {
      const Declaration& one = *line.indicator;
      std::string name = plain(say(one.name));
      if (line.threshold && line.threshold->level > index::Level::good)
        name += "  " + soft(say(line.threshold->meaning));
      const bool missed = line.miss && *line.miss > 0;
      rows.push_back({name, missed && line.value ? bold(shown_value(one, *line.value)) : value(one, line.value),
                      target(one), line.before ? value(one, line.before) : "–", value(one, line.mean), way(line.way)});
    }
    to.table(columns, rows);
    write_curves(to, domain);
    write_areas(to, domain);
  }

  // Of those that have moved.
  void write_curves(Sheet& to, const CheckupDomain& domain) const {
    std::vector<const CheckupLine*> lines;
    for (const CheckupLine& line : domain.lines) {
      if (line.samples.size() >= 2 && line.low != line.high) lines.push_back(&line);
    }
    for (std::size_t i = 0; i < lines.size(); i += 2) {
      to.drawing(kCurveHeight, [&](Canvas& canvas, double width) {
        const double half = (width - kCurveGap) / 2;
        draw(canvas, 0, half, *lines[i]);
        if (i + 1 < lines.size()) draw(canvas, half + kCurveGap, half, *lines[i + 1]);
      });
    }
  }

  void draw(Canvas& canvas, double left, double width, const CheckupLine& line) const {
    const Declaration& one = *line.indicator;
    double low = *line.low, high = *line.high;
    if (one.target) low = std::min(low, *one.target), high = std::max(high, *one.target);
    constexpr double kRight = 48, kTop = 14, kBottom = 13;
    const double room = kCurveHeight - kTop - kBottom, breadth = width - kRight;
    // Of what is younger than the period all that there is.
    const base::Instant begin = line.before ? is_.from : line.samples.front().at;
    const double span = std::max(1.0, double((is_.to - begin).count()));
    const auto spot = [&](base::Instant at, double y) {
      return Spot{left + breadth * std::clamp(double((at - begin).count()) / span, 0.0, 1.0),
                  kTop + room * (1 - (y - low) / (high - low))};
    };
    canvas.box({left, kTop}, breadth, room, ink::kPaper);
    if (one.target) {
      const Spot ends[] = {spot(begin, *one.target), spot(is_.to, *one.target)};
      canvas.line(ends, 0.6, ink::kGreen, true);
    }
    std::vector<Spot> curve;
    for (const twin::Sample& each : line.samples) {
      if (!curve.empty()) curve.push_back({spot(each.at, each.value).x, curve.back().y});  // it holds until the next
      curve.push_back(spot(each.at, each.value));
    }
    curve.push_back({spot(is_.to, 0).x, curve.back().y});
    canvas.line(curve, 1.1, ink::kBlue);
    canvas.text({left, 6}, say(one.name), 8, ink::kText);
    canvas.text({left + breadth + 5, kTop + 3}, shown_value(one, high), 7, ink::kSoft);
    canvas.text({left + breadth + 5, kTop + room - 3}, shown_value(one, low), 7, ink::kSoft);
    canvas.text({left, kTop + room + 7}, moment(begin), 6.5, ink::kSoft);
    canvas.text({left + breadth, kTop + room + 7}, moment(is_.to), 6.5, ink::kSoft, Align::right);
  }

  // To the minute where the period is a day or less.
  std::string moment(base::Instant at) const {
    const std::string text = base::format_time(zone_.to_local(at));
    const bool fine = is_.to - is_.from <= std::chrono::hours(24);
    return fine ? text.substr(5, 5) + " " + text.substr(11, 5) : text.substr(0, 10);
  }

  // Areas side by side, one column an indicator; a wide domain in several tables.
  void write_areas(Sheet& to, const CheckupDomain& domain) const {
    std::vector<const CheckupLine*> lines;
    for (const CheckupLine& line : domain.lines) {
      if (std::ranges::any_of(line.areas, [](const CheckupArea& one) { return one.value.has_value(); }))
        lines.push_back(&line);
    }
    constexpr std::size_t kColumns = 4;
    for (std::size_t from = 0; from < lines.size(); from += kColumns) {
      const std::size_t to_column = std::min(lines.size(), from + kColumns);
      std::vector<Column> columns{{say("片区 / 部门", "Area / department"), 0.28}};
      std::vector<const index::AreaEntry*> areas;
      for (std::size_t i = from; i < to_column; ++i) {
        columns.push_back({say(lines[i]->indicator->name), 0.72 / double(to_column - from)});
        for (const CheckupArea& each : lines[i]->areas) {
          if (std::ranges::find(areas, each.area) == areas.end()) areas.push_back(each.area);
        }
      }
      std::ranges::sort(areas);  // they lie in one list, in its order
      std::vector<Row> rows;
      for (const index::AreaEntry* const area : areas) {
        Row row{plain(say(area->name))};
        for (std::size_t i = from; i < to_column; ++i) row.push_back(cell(*lines[i], area));
        rows.push_back(std::move(row));
      }
      to.space(4);
      to.table(columns, rows);
    }
  }

  std::string cell(const CheckupLine& line, const index::AreaEntry* area) const {
    const auto found = std::ranges::find(line.areas, area, &CheckupArea::area);
    if (found == line.areas.end()) return "–";
    const bool bad = found->level && *found->level >= index::Level::warn;
    return bad ? bold(shown_value(*line.indicator, *found->value)) : value(*line.indicator, found->value);
  }

  const Checkup& is_;
  const CheckupWish& wish_;
  const City& city_;
  const base::TimeZone& zone_;
  const bool zh_;
};

}  // namespace

base::Result<std::string> make_checkup_sheet(const Checkup& checkup, const CheckupWish& wish, const City& city,
                                             const base::TimeZone& zone, Language language,
                                             const std::string& font_config) {
  const CheckupSheet sheet(checkup, wish, city, zone, language);
  return make_sheet(sheet.info(font_config), [&](Sheet& to) { sheet.write(to); });
}

}  // namespace cityloop::serve
