#include "casework/responsibility_flaws.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "geo/index.h"
#include "geo/overlay.h"

namespace cityloop::casework {
namespace {

constexpr Duration kQuarter = std::chrono::minutes(15);
constexpr Duration kLookAhead = std::chrono::hours(24 * 8);

// A piece of the city that is one to the rules.
struct Ground {
  std::string cell, area;
};

class Survey {
 public:
  Survey(const CaseRules& rules, const std::vector<geo::Area>& areas, Instant now)
      : rules_(rules), who_(rules.responsibility()), areas_(areas), now_(now) {
    for (std::uint32_t i = 0; i < who_.cells().size(); ++i) index_.put(i, shape_of(i));
  }

  std::vector<Flaw> run() {
    find_overlaps();
    find_holes();
    find_ground();
    for (const Category& category : rules_.categories().all()) find_gap(category);
    find_collisions();
    return std::move(flaws_);
  }

 private:
  const geo::Shape& shape_of(std::size_t cell) const { return *who_.shape_of(who_.cells()[cell]); }

  void find_overlaps() {
    for (std::uint32_t i = 0; i < who_.cells().size(); ++i) {
      for (const std::uint32_t k : index_.near(shape_of(i), 0)) {
        if (k <= i) continue;
        const std::string &one = who_.cells()[i].code, &other = who_.cells()[k].code;
        for (geo::Piece& piece : geo::shared(shape_of(i), shape_of(k)))
          add_ground(FlawKind::cells_overlap, std::move(piece), {one, other}, {},
                     {fmt::format("单元网格 {} 与 {} 重叠", one, other),
                      fmt::format("the grid cells {} and {} overlap", one, other)});
      }
    }
    largest_first(0);
  }

  void find_holes() {
    if (who_.cells().empty()) return;
    const std::size_t before = flaws_.size();
    for (const geo::Area& area : areas_) {
      std::vector<const geo::Shape*> near;
      for (const std::uint32_t i : index_.near(area.shape, 0)) near.push_back(&shape_of(i));
      for (geo::Piece& piece : geo::uncovered(area.shape, near))
        add_ground(FlawKind::cells_hole, std::move(piece), {}, area.name,
                   {fmt::format("片区 {} 有一处不属于任何单元网格", area.name),
                    fmt::format("a part of the area {} lies in no grid cell", area.name)});
    }
    largest_first(before);
  }

  void add_ground(FlawKind kind, geo::Piece piece, std::vector<std::string> cells, const std::string& area,
                  flow::Bilingual text) {
    text.zh += fmt::format("（{:.0f} 平方米）", piece.area_m2);
    text.en += fmt::format(" ({:.0f} m²)", piece.area_m2);
    Flaw& flaw = flaws_.emplace_back(Flaw{.kind = kind, .text = std::move(text), .cells = std::move(cells)});
    flaw.area = area;
    flaw.shape = std::move(piece.shape);
    flaw.area_m2 = piece.area_m2;
  }

  void largest_first(std::size_t from) {
    std::stable_sort(flaws_.begin() + std::ptrdiff_t(from), flaws_.end(),
                     [](const Flaw& a, const Flaw& b) { return a.area_m2 > b.area_m2; });
  }

  // A cell that lies in several areas is several pieces of ground.
  void find_ground() {
    std::vector<geo::PreparedShape> prepared;
    for (const geo::Area& area : areas_) prepared.emplace_back(area.shape);
    for (std::size_t i = 0; i < who_.cells().size(); ++i) {
      bool placed = false;
      for (std::size_t k = 0; k < areas_.size(); ++k) {
        if (!prepared[k].contains(shape_of(i)) && geo::shared(shape_of(i), areas_[k].shape).empty()) continue;
        ground_.push_back({who_.cells()[i].code, areas_[k].name});
        placed = true;
      }
      if (!placed) ground_.push_back({who_.cells()[i].code, {}});
    }
    if (!ground_.empty()) return;
    for (const geo::Area& area : areas_) ground_.push_back({{}, area.name});
    if (ground_.empty()) ground_.emplace_back();
  }

  void find_gap(const Category& category) {
    const CaseKind* kind = rules_.find_kind(category.kind);
    if (!category.department.empty() || (kind && !kind->department.empty())) return;
    std::vector<const ResponsibilityRule*> named;
    for (const ResponsibilityRule& rule : who_.rules()) {
      const bool matters =
          category.code.starts_with(rule.category) && (rule.kind.empty() || rule.kind == category.kind);
      if (matters && !rule.department.empty()) named.push_back(&rule);
    }
    std::vector<std::string> open, closed_at_times;
    for (const Ground& ground : ground_) {
      const std::string& name = ground.cell.empty() ? ground.area : ground.cell;
      switch (cover(ground, named)) {
        case Cover::none: open.push_back(name); break;
        case Cover::at_times: closed_at_times.push_back(name); break;
        case Cover::always: break;
      }
    }
    tell_gap(category, std::move(open), {"无人负责", "nobody is responsible"});
    tell_gap(category, std::move(closed_at_times), {"部分时段无人负责", "nobody is responsible at some hours"});
  }

  enum class Cover : std::uint8_t { none, at_times, always };

  Cover cover(const Ground& ground, const std::vector<const ResponsibilityRule*>& named) {
    std::set<std::string_view> calendars;
    for (const ResponsibilityRule* rule : named) {
      const bool here = ground.cell.starts_with(rule->cell) && (rule->area.empty() || rule->area == ground.area);
      if (!here) continue;
      if (rule->calendar.empty()) return Cover::always;
      calendars.insert(rule->calendar);
    }
    if (calendars.empty()) return Cover::none;
    return work_together(calendars) ? Cover::always : Cover::at_times;
  }

  // Whether at every time at least one of them works. The same few sets of calendars are asked for every cell.
  bool work_together(const std::set<std::string_view>& calendars) {
    const auto [known, asked] = together_.try_emplace(calendars, true);
    for (Instant at = now_; asked && known->second && at < now_ + kLookAhead; at += kQuarter)
      known->second = std::any_of(calendars.begin(), calendars.end(),
                                  [&](std::string_view id) { return rules_.calendars().get(id).is_working(at); });
    return known->second;
  }

  void tell_gap(const Category& category, std::vector<std::string> where, const flow::Bilingual& what) {
    if (where.empty()) return;
    std::sort(where.begin(), where.end());
    where.erase(std::unique(where.begin(), where.end()), where.end());
    const bool everywhere = where.size() == distinct_ground();
    const std::string some = fmt::format(
        "{}{}", fmt::join(where.begin(), where.begin() + std::min<std::ptrdiff_t>(3, std::ssize(where)), ", "),
        where.size() > 3 ? " …" : "");
    Flaw flaw{.kind = FlawKind::no_rule};
    flaw.text = {fmt::format("类别 {} {}：{}（{}）", category.code, category.name.zh, what.zh,
                             everywhere ? "全域" : fmt::format("{} 个网格：{}", where.size(), some)),
                 fmt::format("category {} {}: {} ({})", category.code, category.name.en, what.en,
                             everywhere ? "everywhere" : fmt::format("{} cells: {}", where.size(), some))};
    flaw.category = category.code;
    if (who_.cells().empty()) flaw.area = where.size() == 1 ? where.front() : std::string{};
    else flaw.cells = std::move(where);
    flaws_.push_back(std::move(flaw));
  }

  std::size_t distinct_ground() const {
    std::set<std::string_view> names;
    for (const Ground& ground : ground_) names.insert(ground.cell.empty() ? ground.area : ground.cell);
    return names.size();
  }

  // Two rows that are equally precise and both hold ask for the same: prefixes of one length of one code are one.
  void find_collisions() {
    using Key = std::tuple<std::string, std::string, std::string, std::string, std::string, bool>;
    std::map<Key, std::vector<const ResponsibilityRule*>> alike;
    for (const ResponsibilityRule& r : who_.rules())
      alike[{r.cell, r.area, r.category, r.kind, r.of, r.calendar.empty()}].push_back(&r);
    std::map<std::uint32_t, Flaw> found;
    for (const auto& [key, rows] : alike) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = i + 1; k < rows.size(); ++k) {
          if (collide(*rows[i], *rows[k])) tell_collision(found[rows[i]->number], *rows[i], *rows[k]);
        }
      }
    }
    for (auto& [number, flaw] : found) flaws_.push_back(std::move(flaw));
  }

  bool collide(const ResponsibilityRule& a, const ResponsibilityRule& b) const {
    const bool same = a.department == b.department && a.crew == b.crew && a.holder == b.holder;
    if (same) return false;
    if (a.calendar == b.calendar) return true;
    const WorkCalendar &one = rules_.calendars().get(a.calendar), &other = rules_.calendars().get(b.calendar);
    for (Instant at = now_; at < now_ + kLookAhead; at += kQuarter) {
      if (one.is_working(at) && other.is_working(at)) return true;
    }
    return false;
  }

  static void tell_collision(Flaw& flaw, const ResponsibilityRule& a, const ResponsibilityRule& b) {
    const auto what = [](const ResponsibilityRule& r) {
      const std::string& department = r.department.empty() ? r.of : r.department;
      return fmt::format("{}{}{}{}{}", department, r.crew.empty() ? "" : " ", r.crew, r.holder.empty() ? "" : " ",
                         r.holder);
    };
    flaw.kind = FlawKind::rules_collide;
    flaw.text = {
        fmt::format("规则 {}（{}:{}，{}）与规则 {}（{}:{}，{}）条件相同而结论不同，以前者为准", a.number, a.file,
                    a.line, what(a), b.number, b.file, b.line, what(b)),
        fmt::format("rule {} ({}:{}, {}) and rule {} ({}:{}, {}) ask for the same and say different things: the "
                    "first holds",
                    a.number, a.file, a.line, what(a), b.number, b.file, b.line, what(b))};
    flaw.area = a.area;
    flaw.category = a.category;
    for (const ResponsibilityRule* r : {&a, &b}) {
      if (std::find(flaw.rules.begin(), flaw.rules.end(), r->number) == flaw.rules.end())
        flaw.rules.push_back(r->number);
      const std::string& department = r->department.empty() ? r->of : r->department;
      if (std::find(flaw.departments.begin(), flaw.departments.end(), department) == flaw.departments.end())
        flaw.departments.push_back(department);
    }
    if (!a.cell.empty()) flaw.cells = {a.cell};
  }

  const CaseRules& rules_;
  const Responsibility& who_;
  const std::vector<geo::Area>& areas_;
  Instant now_;
  geo::SpatialIndex index_;
  std::vector<Ground> ground_;
  std::map<std::set<std::string_view>, bool> together_;
  std::vector<Flaw> flaws_;
};

}  // namespace

std::string_view to_string(FlawKind kind) {
  constexpr std::string_view kNames[] = {"cells_overlap", "cells_hole", "no_rule", "rules_collide"};
  return kNames[std::size_t(kind)];
}

std::vector<Flaw> flaws_of(const CaseRules& rules, const std::vector<geo::Area>& policy_areas, Instant now) {
  if (rules.responsibility().empty()) return {};
  return Survey(rules, policy_areas, now).run();
}

}  // namespace cityloop::casework
