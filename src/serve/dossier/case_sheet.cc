#include "serve/dossier/case_sheet.h"

#include <algorithm>

#include "serve/dossier/drawings.h"
#include "serve/dossier/teller.h"

namespace cityloop::serve {
namespace {

using base::JsonValue;
using flow::Case;

using Row = std::vector<std::string>;

constexpr double kPhotoRoom = 230;  // a row of photos with what is said of them

std::string tinted(std::string_view text, Colour colour) {
  const auto part = [](double share) { return unsigned(std::lround(share * 255)); };
  return fmt::format("<span foreground=\"#{:02x}{:02x}{:02x}\"><b>{}</b></span>", part(colour.red), part(colour.green),
                     part(colour.blue), plain(text));
}

class CaseSheet {
 public:
  CaseSheet(const DossierSources& on, const Dossier& dossier, Language language)
      : on_(on), dossier_(dossier), case_(dossier.one.is), tell_(on, dossier, language) {}

  SheetInfo info(const SheetStyle& style) const {
    SheetInfo out;
    const std::string number = case_.code.empty() ? std::string(case_.id.text()) : case_.code;
    out.title = fmt::format("{} {} · {}", title(), number, tell_.say(case_.title));
    out.subject = fmt::format("{} · {}", tell_.kind(), tell_.state(case_.state));
    out.author = office();
    out.language = tell_.zh() ? "zh" : "en";
    out.made_at = dossier_.made_at;
    out.page_of = tell_.say("第 {} 页，共 {} 页", "Page {} of {}");
    out.footer =
        plain(fmt::format("{} {} · {} {} · {} {}", office(), number, tell_.say("制作于", "made"),
                          tell_.time(dossier_.made_at), tell_.say("制作人", "by"), tell_.who(dossier_.made_by)));
    out.font_config = style.font_config;
    return out;
  }

  void write(Sheet& to) const {
    write_head(to);
    write_words(to);
    write_place(to);
    write_photos(to);
    write_clocks(to);
    write_requests(to);
    write_tasks(to);
    write_plan(to);
    write_findings(to);
    write_commands(to);
    write_timeline(to);
    write_notices(to);
    write_named(to);
    write_end(to);
  }

 private:
  std::string office() const { return tell_.say(on_.city.name) + tell_.say("城市运行中心", " City Operations"); }
  std::string title() const { return tell_.say("城市事件案卷", "Case record"); }

  void write_head(Sheet&) const;
  void write_words(Sheet&) const;
  void write_place(Sheet&) const;
  void write_photos(Sheet&) const;
  void write_clocks(Sheet&) const;
  void write_requests(Sheet&) const;
  void write_tasks(Sheet&) const;
  void write_plan(Sheet&) const;
  void write_findings(Sheet&) const;
  void write_finding(Sheet&, const FoundOut&) const;
  void write_trend(Sheet&, const FoundOut&) const;
  void write_commands(Sheet&) const;
  void write_timeline(Sheet&) const;
  Row timeline_row(const flow::CaseStep&, const std::string& state_before, std::size_t number) const;
  void write_notices(Sheet&) const;
  void write_named(Sheet&) const;
  void write_end(Sheet&) const;
  Colour state_ink() const;
  std::string coordinates() const;

  const DossierSources& on_;
  const Dossier& dossier_;
  const Case& case_;
  const Teller tell_;
};

Colour CaseSheet::state_ink() const {
  switch (case_.outcome) {
    case flow::CaseOutcome::open: return case_.overdue ? ink::kSeal : ink::kBlue;
    case flow::CaseOutcome::confirmed: return ink::kGreen;
    default: return ink::kSoft;
  }
}

std::string CaseSheet::coordinates() const {
  if (!dossier_.place) return {};
  return fmt::format("{:.6f}, {:.6f}", dossier_.place->lon_deg, dossier_.place->lat_deg);
}

void CaseSheet::write_head(Sheet& to) const {
  to.masthead({office(), title(), tell_.say(case_.title), case_.code, tell_.state(case_.state), state_ink(),
               case_.code.empty() ? std::string(case_.id.text()) : case_.code});
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&](std::string_view zh, std::string_view en, const std::string& value) {
    if (!value.empty() && value != "–") facts.emplace_back(tell_.say(zh, en), plain(value));
  };
  add("案件种类", "Kind", tell_.kind());
  add("严重程度", "Severity", tell_.severity(case_.severity));
  add("类别", "Category", tell_.category(case_.category));
  add("来源", "Came in by", tell_.channel(case_.channel));
  add("承办部门", "Department", tell_.department(case_.department));
  add("承办人", "Held by", tell_.who(case_.holder));
  add("上报人", "Reported by", tell_.who(case_.opened_by));
  add("片区", "Area", tell_.area(case_.area));
  add("立案时间", "Opened", tell_.clock(case_.opened_at));
  add("结案时间", "Ended", tell_.clock(case_.closed_at));
  if (case_.is_open()) add("办结期限", "Due", tell_.clock(case_.due_at));
  add("对象", "About", tell_.thing(case_.about));
  add("地址", "Address", case_.address);
  if (case_.count > 1)
    add("并案数", "Stands for", fmt::format("{}{}", case_.count, tell_.say(" 件", " reports and findings")));
  add("移交单位", "Forwarded to", case_.forwarded_to);
  if (!case_.external_id.empty()) add("外部编号", "Their number", case_.external_id);
  if (case_.rating > 0) add("满意度", "Rated", fmt::format("{} / 5", case_.rating));
  if (case_.supervised) add("督办", "Supervised", tell_.say("是", "yes"));
  if (dossier_.archived) add("归档", "Archived", tell_.say("已归档，不再变更", "yes: nothing changes any more"));
  to.facts(facts);
}

void CaseSheet::write_words(Sheet& to) const {
  if (case_.description.empty()) return;
  to.heading(tell_.say("上报内容", "In the reporter's words"));
  to.quote(plain(case_.description));
}

void CaseSheet::write_place(Sheet& to) const {
  if (!dossier_.place) return;
  to.heading(tell_.say("位置示意", "Where it is"), PlaceSketch::kHeight);
  std::vector<NamedShape> around;
  for (const Street& one : dossier_.streets)
    around.push_back({tell_.thing(flow::EntityId::lookup(one.name)), one.shape});
  auto extent = geo::Shape::from_geojson(case_.location);
  const PlaceSketch sketch{on_.city,
                           *dossier_.place,
                           extent ? std::optional(std::move(*extent)) : std::nullopt,
                           std::move(around),
                           case_.area.empty() ? std::string{} : tell_.area(case_.area),
                           tell_.zh()};
  to.drawing(PlaceSketch::kHeight, [&](Canvas& canvas, double width) { sketch.draw(canvas, width); });
  to.note(plain(fmt::format("{} {} (WGS 84)", tell_.say("经度、纬度", "Longitude, latitude"), coordinates())));
}

void CaseSheet::write_photos(Sheet& to) const {
  std::vector<Photo> before, after;
  std::size_t missing = 0;
  for (const DossierPhoto& one : dossier_.photos) {
    if (one.print.empty()) {
      ++missing;
      continue;
    }
    const std::string what = one.verb.empty() ? tell_.say("上报时", "With the report") : tell_.step(one.verb);
    Photo photo{one.print, plain(fmt::format("{} · {} · {}", what, tell_.who(one.by), tell_.time(one.at)))};
    (one.verb.empty() ? before : after).push_back(std::move(photo));
  }
  if (!before.empty()) {
    to.heading(tell_.say("照片：处置前", "Photos: before"), kPhotoRoom);
    to.photos(before);
  }
  if (!after.empty()) {
    to.heading(tell_.say("照片：处置中与处置后", "Photos: during the work and after"), kPhotoRoom);
    to.photos(after);
  }
  if (missing > 0) {
    to.note(plain(fmt::format("{}{}", missing, tell_.say(" 张照片未能取得", " photos could not be had"))));
  }
}

void CaseSheet::write_clocks(Sheet& to) const {
  if (case_.clocks.empty()) return;
  to.heading(tell_.say("时限与计时", "Deadlines, explained"));
  std::vector<Row> rows;
  for (const flow::CaseClock& clock : case_.clocks) {
    const auto [head, why] = tell_.clock_words(clock);
    const std::string light = clock.missed   ? tinted(tell_.say("超期", "missed"), ink::kSeal)
                              : clock.red    ? tinted(tell_.say("红灯", "red"), ink::kSeal)
                              : clock.yellow ? tinted(tell_.say("黄灯", "yellow"), ink::kAmber)
                                             : tinted(tell_.say("正常", "in time"), ink::kGreen);
    rows.push_back({bold(tell_.clock_name(clock)), plain(head) + "\n" + soft(why), light});
  }
  const Column columns[] = {{tell_.say("时限", "Deadline"), 0.24},
                            {tell_.say("说明", "What it says, and why"), 0.62},
                            {tell_.say("灯", "Light"), 0.14}};
  to.table(columns, rows);
}

void CaseSheet::write_requests(Sheet& to) const {
  if (case_.requests.empty()) return;
  to.heading(tell_.say("待审批的申请", "Requests that wait for a decision"));
  std::vector<Row> rows;
  for (const flow::CaseRequest& one : case_.requests)
    rows.push_back({std::to_string(one.number), bold(tell_.step(one.kind)), plain(tell_.who(one.by)),
                    plain(tell_.time(one.at)), plain(one.note)});
  const Column columns[] = {{tell_.say("号", "No."), 0.07},
                            {tell_.say("申请", "Request"), 0.2},
                            {tell_.say("申请人", "By"), 0.17},
                            {tell_.say("时间", "When"), 0.19},
                            {tell_.say("理由", "Why"), 0.37}};
  to.table(columns, rows);
}

void CaseSheet::write_tasks(Sheet& to) const {
  if (case_.tasks.empty()) return;
  to.heading(tell_.say("联合处置任务", "Tasks of assisting departments"));
  const auto state = [&](flow::TaskState one) {
    switch (one) {
      case flow::TaskState::waiting: return tell_.say("待前序", "waits for its turn");
      case flow::TaskState::open: return tell_.say("待接", "open");
      case flow::TaskState::working: return tell_.say("处置中", "in work");
      case flow::TaskState::reported: return tell_.say("已反馈", "reported");
      case flow::TaskState::dropped: return tell_.say("已取消", "dropped");
    }
    return std::string{};
  };
  std::vector<Row> rows;
  for (const flow::CaseTask& one : case_.tasks) {
    const std::string what = tell_.say(one.name);
    rows.push_back({std::to_string(one.number), bold(tell_.department(one.department)),
                    plain(what) + (one.note.empty() ? "" : (what.empty() ? "" : "\n") + soft(one.note)),
                    plain(state(one.state)), plain(tell_.who(one.holder)), plain(tell_.time(one.reported_at))});
  }
  const Column columns[] = {{tell_.say("号", "No."), 0.07},
                            {tell_.say("部门", "Department"), 0.17},
                            {tell_.say("任务与反馈", "Task and report"), 0.32},
                            {tell_.say("状态", "State"), 0.13},
                            {tell_.say("承办", "Held by"), 0.13},
                            {tell_.say("反馈时间", "Reported"), 0.18}};
  to.table(columns, rows);
}

void CaseSheet::write_plan(Sheet& to) const {
  const casework::Plan* const plan = dossier_.one.rules->find_plan(case_.plan);
  if (!plan) return;
  to.heading(tell_.say("预案：", "Plan: ") + tell_.say(plan->name));
  std::vector<Row> rows;
  for (const flow::CheckItem& one : case_.checklist) {
    rows.push_back({one.done_by.empty() ? plain("☐") : tinted("✓", ink::kGreen), plain(tell_.say(one.text)),
                    plain(one.done_by.empty() ? "–" : tell_.who(one.done_by)), plain(tell_.time(one.done_at))});
  }
  const Column columns[] = {{"", 0.06},
                            {tell_.say("事项", "What is to be done"), 0.53},
                            {tell_.say("完成人", "Done by"), 0.2},
                            {tell_.say("时间", "When"), 0.21}};
  if (!rows.empty()) to.table(columns, rows);
  std::string calls, resources;
  for (const auto& one : plan->calls)
    calls += (calls.empty() ? "" : tell_.say("；", "; ")) + tell_.say(one.name) + " " + one.phone;
  for (const auto& one : plan->resources)
    resources += (resources.empty() ? "" : tell_.say("；", "; ")) +
                 fmt::format("{} × {} ({})", tell_.say(one.name), one.amount, tell_.say(one.place));
  if (!calls.empty()) to.note(plain(tell_.say("联络：", "Calls: ") + calls));
  if (!resources.empty()) to.note(plain(tell_.say("资源：", "Resources: ") + resources));
}

void CaseSheet::write_trend(Sheet& to, const FoundOut& found) const {
  const Trend& trend = *found.trend;
  const auto number = [&](double value) { return tell_.number_with_unit(value, trend.unit); };
  const auto [least, most] = std::ranges::minmax_element(trend.samples, {}, &twin::Sample::value);
  const TrendChart chart{trend.samples,
                         trend.limit,
                         found.is.opened_at,
                         found.is.cleared_at,
                         tell_.say("发现", "found"),
                         tell_.say("消除", "cleared"),
                         trend.limit ? tell_.say("限值 ", "limit ") + number(*trend.limit) : std::string{},
                         tell_.time(trend.samples.front().at),
                         tell_.time(trend.samples.back().at),
                         number(least->value),
                         number(most->value)};
  to.drawing(TrendChart::kHeight, [&](Canvas& canvas, double width) { chart.draw(canvas, width); });
}

void CaseSheet::write_finding(Sheet& to, const FoundOut& found) const {
  const flow::Finding& one = found.is;
  to.paragraph(bold(tell_.say(one.title)) + "  " + soft(fmt::format("{} {}", tell_.say("规则", "rule"), one.rule)));
  std::string times = fmt::format("{} {}", tell_.say("发现于", "Found"), tell_.clock(one.opened_at));
  if (one.cleared_at != flow::kNever)
    times += fmt::format("{} {}", tell_.say("；消除于", "; cleared"), tell_.clock(one.cleared_at));
  else times += tell_.say("；仍未消除", "; still active");
  const auto why = JsonValue::parse(one.why);
  if (why && !why->text_or("condition", "").empty()) {
    times += tell_.say("；条件 ", "; condition ") + why->text_or("condition", "");
    times += tell_.say("，持续 ", ", held for ") + why->text_or("hold", "0s");
  }
  to.note(plain(times));
  std::vector<Row> rows;
  const auto add = [&](const std::string& json, const std::string& when) {
    const auto parsed = JsonValue::parse(json);
    const JsonValue* const values = parsed ? parsed->find("values") : nullptr;
    if (!values || !values->array()) return;
    for (const JsonValue& value : *values->array()) {
      const JsonValue* const number = value.find("value");
      if (!number) continue;
      const std::string shown = number->number()
                                    ? tell_.number_with_unit(*number->number(), value.text_or("unitCode", ""))
                                : number->text() ? *number->text()
                                                 : number->dump();
      const auto at = base::parse_time(value.text_or("observedAt", ""));
      rows.push_back({plain(when), plain(tell_.thing(flow::EntityId::lookup(value.text_or("entity", "")))),
                      plain(value.text_or("attribute", "")), bold(shown), plain(at ? tell_.clock(*at) : "–")});
    }
  };
  add(one.why, tell_.say("触发", "made it"));
  add(one.cleared_why, tell_.say("消除", "cleared it"));
  const Column columns[] = {{"", 0.13},
                            {tell_.say("对象", "Entity"), 0.27},
                            {tell_.say("属性", "Attribute"), 0.2},
                            {tell_.say("读数", "Reading"), 0.17},
                            {tell_.say("观测时间", "Observed"), 0.23}};
  if (!rows.empty()) to.table(columns, rows);
  if (found.trend) write_trend(to, found);
}

void CaseSheet::write_findings(Sheet& to) const {
  if (dossier_.findings.empty()) return;
  to.heading(tell_.say("发现与读数", "Findings, and the readings that made them"));
  for (const FoundOut& one : dossier_.findings) write_finding(to, one);
  const std::size_t more = dossier_.findings_total - dossier_.findings.size();
  if (more > 0)
    to.note(plain(fmt::format("{}{}", more, tell_.say(" 个其余发现未列出", " further findings are not listed here"))));
}

void CaseSheet::write_commands(Sheet& to) const {
  if (dossier_.commands.empty()) return;
  to.heading(tell_.say("设备指令", "Commands to devices"));
  std::vector<Row> rows;
  for (const flow::Command& one : dossier_.commands) {
    const std::string result = std::string(to_string(one.status)) + (one.reason.empty() ? "" : ": " + one.reason);
    rows.push_back({plain(tell_.time(one.requested_at)), bold(tell_.thing(one.device)),
                    plain(fmt::format("{} = {}", one.name, one.value)),
                    plain(tell_.who(one.approved_by.empty() ? one.requested_by : one.approved_by)), plain(result)});
  }
  const Column columns[] = {{tell_.say("时间", "When"), 0.19},
                            {tell_.say("设备", "Device"), 0.24},
                            {tell_.say("指令", "Command"), 0.17},
                            {tell_.say("批准", "On whose word"), 0.2},
                            {tell_.say("结果", "Result"), 0.2}};
  to.table(columns, rows);
}

Row CaseSheet::timeline_row(const flow::CaseStep& step, const std::string& state_before, std::size_t number) const {
  std::string who = bold(tell_.who(step.by));
  if (!step.role.empty()) who += "\n" + soft(tell_.role(step.role));
  std::string what = bold(tell_.step(step.verb));
  if (step.to != state_before) {
    const std::string from = state_before.empty() ? "" : tell_.state(state_before) + " ";
    what += "  " + soft(fmt::format("{}→ {}", from, tell_.state(step.to)));
  }
  if (const std::string note = tell_.step_note(step); !note.empty()) what += "\n" + plain(note);
  for (const auto& [name, value] : tell_.given(step)) what += "\n" + soft(name + tell_.say("：", ": ")) + plain(value);
  return {soft(std::to_string(number)), plain(tell_.clock(step.at)), who, what};
}

void CaseSheet::write_timeline(Sheet& to) const {
  to.heading(tell_.say("办理经过", "What happened, step by step"));
  std::vector<Row> rows;
  std::string state;
  for (const flow::CaseStep& step : case_.timeline) {
    rows.push_back(timeline_row(step, state, rows.size() + 1));
    state = step.to;
  }
  const Column columns[] = {{"#", 0.06},
                            {tell_.say("时间", "When"), 0.2},
                            {tell_.say("办理人", "Who"), 0.2},
                            {tell_.say("步骤、前后状态与说明", "Step, state before → after, why"), 0.54}};
  to.table(columns, rows);
}

void CaseSheet::write_notices(Sheet& to) const {
  if (dossier_.notices.empty()) return;
  to.heading(tell_.say("通知", "Notices"));
  std::vector<Row> rows;
  for (const DossierNotice& one : dossier_.notices)
    rows.push_back({plain(tell_.clock(one.at)), bold(tell_.who(one.to)), plain(tell_.say(one.text))});
  const Column columns[] = {
      {tell_.say("时间", "When"), 0.21}, {tell_.say("对象", "To"), 0.22}, {tell_.say("内容", "What was said"), 0.57}};
  to.table(columns, rows);
}

void CaseSheet::write_named(Sheet& to) const {
  if (!dossier_.named.empty()) {
    to.heading(tell_.say("相关案件", "Cases beside this one"));
    std::vector<Row> rows;
    for (const Case& one : dossier_.named) {
      const bool merged = std::ranges::find(case_.merged, one.id) != case_.merged.end();
      const std::string how = one.id == case_.merged_into ? tell_.say("并入此案", "it goes on in this one")
                              : merged                    ? tell_.say("已并入本案", "merged into this case")
                                                          : tell_.say("可能相同", "may be the same");
      rows.push_back({bold(one.code), plain(tell_.say(one.title)), plain(how), plain(tell_.time(one.opened_at))});
    }
    const Column columns[] = {{tell_.say("编号", "Number"), 0.16},
                              {tell_.say("标题", "Title"), 0.42},
                              {tell_.say("关系", "How"), 0.21},
                              {tell_.say("立案", "Opened"), 0.21}};
    to.table(columns, rows);
  }
  if (!dossier_.guessed_department && !dossier_.guessed_category) return;
  to.heading(tell_.say("系统建议", "What past cases suggested"));
  std::string words;
  if (const auto& guess = dossier_.guessed_department)
    words += fmt::format("{} {} ({:.0f} %)", tell_.say("部门：", "Department:"), tell_.department(guess->label),
                         guess->confidence * 100);
  if (const auto& guess = dossier_.guessed_category)
    words += fmt::format("{}{} {} ({:.0f} %)", words.empty() ? "" : tell_.say("；", "; "),
                         tell_.say("类别：", "category:"), tell_.category(guess->label), guess->confidence * 100);
  to.paragraph(plain(words));
}

void CaseSheet::write_end(Sheet& to) const {
  to.heading(tell_.say("关于本案卷", "About this sheet"));
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&](std::string_view zh, std::string_view en, const std::string& value) {
    facts.emplace_back(tell_.say(zh, en), plain(value));
  };
  add("案件标识", "Case id", std::string(case_.id.text()));
  add("流程", "Workflow", tell_.say(dossier_.one.flow->name));
  add("规则版本", "Rules", case_.rules.substr(0, 16));
  add("日志位置", "Log position", std::to_string(dossier_.log.head));
  add("时区", "Time zone", on_.zone.name());
  add("制作时间", "Made at", tell_.clock(dossier_.made_at));
  add("制作人", "Made by", fmt::format("{} ({})", tell_.who(dossier_.made_by), dossier_.made_by));
  to.facts(facts);
  to.note(
      plain(tell_.say("本案卷由城市运行日志生成，所列时间均为上述时区的当地时间。上报人的联系方式不在其中；文字中疑似个"
                      "人信息的部分已隐去。制作本案卷一事已记入日志。",
                      "Made from the city's log; all times are local times of the zone above. How a reporter is "
                      "reached is not in it, and what looks like personal "
                      "data in people's words is blacked out. That this sheet was made stands in the log.")));
}

}  // namespace

base::Result<std::string> make_case_sheet(const DossierSources& on, const Dossier& dossier, Language language,
                                          const SheetStyle& style) {
  const CaseSheet sheet(on, dossier, language);
  return make_sheet(sheet.info(style), [&](Sheet& to) { sheet.write(to); });
}

}  // namespace cityloop::serve
