#include "index/indicator/indicator_loop.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "flow/noun.h"
#include "flow/own_types.h"
#include "index/indicator/indicator_value.h"

namespace cityloop::index {
namespace {

using flow::operator""_name;

constexpr Reading kUnknown{std::numeric_limits<double>::quiet_NaN()};

// Whether both count the same in the same windows: then what was counted goes on.
bool counts_the_same(const Declaration& a, const Declaration& b) {
  const auto text = [](const std::optional<twin::Q>& q) { return q ? q->text() : std::string{}; };
  return a.over == b.over && a.measure == b.measure && a.type == b.type && text(a.where) == text(b.where) &&
         a.attribute == b.attribute && a.limit == b.limit && a.above == b.above && a.from == b.from && a.to == b.to &&
         a.by_quantile == b.by_quantile && a.period.span == b.period.span && a.period.calendar == b.period.calendar;
}

}  // namespace

void IndicatorLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  if (record.at != flow::kNever) now_ = std::max(now_, record.at);
  if (ledger_) {
    ledger_->move_to(now_);
    for (TypeTable& table : tables_) table.grow_old();
    if (recall_) recall_shown();
  }
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kIndicatorRulesType)) take_rules(change, out);
    else if (ledger_) route(change);
  }
  if (!ledger_ || ledger_->rules->indicators().empty()) return;
  if (publish_at_ == flow::kNever) publish_at_ = now_ + kPublishEvery;
  if (now_ >= publish_at_) publish(out);
}

// Most changes are of types that no indicator asks about.
void IndicatorLoop::route(const flow::Change& change) {
  for (const std::uint16_t at : tables_of(change.types)) {
    tables_[at].on_change(change);
    dirty_ = true;
  }
}

const std::vector<std::uint16_t>& IndicatorLoop::tables_of(flow::NameList types) {
  if (tables_of_.size() <= types.number()) tables_of_.resize(types.number() + 1);
  auto& known = tables_of_[types.number()];
  if (!known) {
    known.emplace();
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      if (types.contains(tables_[i].plan().type)) known->push_back(std::uint16_t(i));
    }
  }
  return *known;
}

void IndicatorLoop::take_rules(const flow::Change& change, twin::Outbox& out) {
  if (change.kind == flow::ChangeKind::erased) return;
  // A version that comes into force again tells only that: the twin has the whole.
  const flow::EntityPtr whole = options_.get ? options_.get(change.entity) : nullptr;
  auto rules = IndicatorRules::from_entity(whole ? *whole : flow::entity_after({}, change));
  if (!rules || (ledger_ && ledger_->rules->version() == (*rules)->version())) return;
  std::unique_ptr<Ledger> old = std::move(ledger_);
  std::vector<TypeTable> old_tables = std::move(tables_);
  const std::vector<Reading> old_shown = std::move(shown_);
  const std::size_t old_areas = areas_;
  use(*rules);
  ledger_->move_to(now_);
  rules_changed_ = true;
  dirty_ = true;
  if (!old) {
    for (TypeTable& table : tables_) learn(table);
    return;
  }
  // What is shown stays shown until it is something else.
  for (std::size_t i = 0; i < old->rules->indicators().size(); ++i) {
    const Declaration* const now = ledger_->rules->find(old->rules->indicators()[i].id);
    if (!now) continue;
    for (std::size_t a = 0; a < old_areas; ++a) {
      const AreaEntry* const area = ledger_->rules->find_area(old->rules->areas()[a].key());
      if (!area) continue;
      const Reading& was = old_shown[i * old_areas + a];
      const auto to = std::size_t(area - ledger_->rules->areas().data());
      shown(ledger_->rules->place_of(*now), to) = was;
    }
  }
  adopt(old_tables, *old, out);
}

void IndicatorLoop::use(IndicatorRulesPtr rules) {
  ledger_ = std::make_unique<Ledger>(std::move(rules));
  tables_.clear();
  tables_of_.clear();
  for (TypePlan& plan : plans_of(*ledger_->rules)) tables_.emplace_back(std::move(plan), *ledger_);
  areas_ = ledger_->rules->areas().size();
  shown_.assign(ledger_->rules->indicators().size() * areas_, kUnknown);
  changed_.clear();
}

void IndicatorLoop::adopt(std::vector<TypeTable>& old_tables, Ledger& old, twin::Outbox& out) {
  for (TypeTable& table : tables_) {
    const auto same =
        std::ranges::find_if(old_tables, [&](const TypeTable& each) { return each.plan().type == table.plan().type; });
    const bool knows_all = same != old_tables.end() && table.adopt(*same);
    if (!knows_all) learn(table);
    table.save_all_again();
  }
  for (TypeTable& table : old_tables) {
    const auto same =
        std::ranges::find_if(tables_, [&](const TypeTable& each) { return each.plan().type == table.plan().type; });
    if (same == tables_.end())
      table.each(
          [&](flow::EntityId id) { old_rows_.insert(fmt::format("e{}\n{}", table.plan().type.text(), id.text())); });
  }
  take_windows(old);
  withdraw(old, out);
}

// The entities as they are now, where an attribute is asked for the first time.
void IndicatorLoop::learn(TypeTable& table) {
  if (!options_.each) return;
  options_.each(table.plan().type, [&](const flow::Entity& entity) {
    flow::Change change;
    change.entity = entity.id;
    change.types = entity.types;
    for (const flow::Attribute& one : entity.attributes) change.attributes.push_back({one});
    table.on_change(change, false);
  });
}

void IndicatorLoop::take_windows(Ledger& old) {
  for (std::size_t i = 0; i < old.rules->indicators().size(); ++i) {
    const Declaration& was = old.rules->indicators()[i];
    const auto key = [&](std::size_t area, std::int64_t number) {
      return fmt::format("w{}\n{}\n{:020}", was.id, old.rules->areas()[area].key(), number);
    };
    if (!was.has_window()) continue;
    old.cells[i].each_bucket([&](std::size_t area, std::int64_t number) { old_rows_.insert(key(area, number)); });
    const Declaration* const now = ledger_->rules->find(was.id);
    if (!now || !counts_the_same(was, *now)) continue;
    ledger_->cells[ledger_->rules->place_of(*now)].take_windows(
        old.cells[i],
        [&](std::size_t area) {
          const AreaEntry* const found = ledger_->rules->find_area(old.rules->areas()[area].key());
          return found ? found - ledger_->rules->areas().data() : std::ptrdiff_t(-1);
        },
        now_, old.clock_of(i));
  }
}

// Values of indicators and areas that are declared no more.
void IndicatorLoop::withdraw(const Ledger& old, twin::Outbox& out) const {
  std::vector<flow::Attribute> gone;
  for (const Declaration& one : old.rules->indicators()) {
    if (!ledger_->rules->find(one.id)) gone.push_back(flow::property(flow::Name(one.id), {}));
  }
  for (const AreaEntry& area : old.rules->areas()) {
    flow::Write write;
    write.entity = value_entity(area.key());
    const bool stays = ledger_->rules->find_area(area.key()) != nullptr;
    write.mode = stays ? flow::WriteMode::erase_attributes : flow::WriteMode::erase;
    for (const flow::Attribute& each : gone) {
      if (!stays) break;
      write.attributes = {each};
      out.writes.push_back(write);
    }
    if (!stays) out.writes.push_back(write);
  }
}

void IndicatorLoop::publish(twin::Outbox& out) {
  publish_at_ = now_ + kPublishEvery;
  dirty_ = false;
  read_all();
  read_formulas();
  write_changes(out);
  out.writes.push_back(flow::NounWriter(board_entity(), flow::kIndicatorBoardType, flow::WriteMode::upsert)
                           .time("asOf"_name, now_)
                           .text("rules"_name, ledger_->rules->version())
                           .take());
  ++published_;
  count();
}

void IndicatorLoop::put(std::size_t indicator, std::size_t area, const Reading& now) {
  Reading& was = shown(indicator, area);
  if (was.same(now)) return;
  was = now;
  changed_.emplace_back(std::uint32_t(area), std::uint32_t(indicator));
}

void IndicatorLoop::read_all() {
  for (std::size_t i = 0; i < ledger_->cells.size(); ++i) {
    Cells& cells = ledger_->cells[i];
    const PeriodClock& clock = ledger_->clock_of(i);
    cells.each_dirty([&](std::uint32_t area) {
      if (cells.indicator().wants(ledger_->places.kind(std::uint16_t(area))))
        put(i, area, cells.read(area, now_, clock));
    });
  }
}

// An input's own inputs do not count here: of a formula they are the indicators that it names.
void IndicatorLoop::read_formulas() {
  const auto& rules = *ledger_->rules;
  for (const std::size_t i : rules.formula_order()) {
    const Declaration& one = rules.indicators()[i];
    const auto& inputs = one.formula.inputs();
    std::vector<std::size_t> places;
    for (const Formula::Input& input : inputs) {
      const Declaration* const named = rules.find(input.name);
      places.push_back(named ? rules.place_of(*named) : SIZE_MAX);
    }
    for (std::size_t area = 0; area < areas_; ++area) {
      if (!one.wants(ledger_->places.kind(std::uint16_t(area)))) continue;
      Reading now = kUnknown;
      const auto give = [&](std::size_t at) {
        const std::size_t where = inputs[at].of_city ? 0 : area;
        if (places[at] != SIZE_MAX) return shown(places[at], where).value;
        const AreaEntry& entry = rules.areas()[where];
        const double known = inputs[at].name == kInhabitants ? entry.inhabitants : entry.area_km2;
        return known < 0 ? std::numeric_limits<double>::quiet_NaN() : known;
      };
      bool any = false;
      for (std::size_t at = 0; at < inputs.size(); ++at) {
        if (places[at] == SIZE_MAX) continue;
        const Reading& input = shown(places[at], inputs[at].of_city ? 0 : area);
        ++now.expected;
        any = any || !input.same(kUnknown);
        now.present += !input.missing();
        now.stale += input.stale > 0;
      }
      if (!any && !inputs.empty()) now = kUnknown;
      else now.value = rounded(one.formula.evaluate(give), one.decimals);
      put(i, area, now);
    }
  }
}

// One write an area; attributes in order of their ids, areas in theirs.
void IndicatorLoop::write_changes(twin::Outbox& out) {
  const auto& rules = *ledger_->rules;
  std::ranges::sort(changed_);
  for (std::size_t from = 0; from < changed_.size();) {
    std::size_t to = from;
    while (to < changed_.size() && changed_[to].first == changed_[from].first) ++to;
    const std::size_t area = changed_[from].first;
    flow::Write write;
    write.entity = value_entity(rules.areas()[area].key());
    write.types = {flow::kIndicatorValueType};
    write.attributes.reserve(to - from);
    for (; from < to; ++from) {
      const std::size_t indicator = changed_[from].second;
      write.attributes.push_back(value_attribute(rules.indicators()[indicator], shown(indicator, area), now_));
    }
    written_ += write.attributes.size();
    out.writes.push_back(std::move(write));
  }
  changed_.clear();
}

void IndicatorLoop::recall_shown() {
  recall_ = false;
  if (!options_.get) return;
  const auto& rules = *ledger_->rules;
  for (std::size_t area = 0; area < areas_; ++area) {
    const flow::EntityPtr entity = options_.get(value_entity(rules.areas()[area].key()));
    if (!entity) continue;
    for (std::size_t i = 0; i < rules.indicators().size(); ++i) {
      if (const auto value = value_in(*entity, rules.indicators()[i].id)) shown(i, area) = value->reading;
    }
  }
}

std::optional<Reading> IndicatorLoop::reading(std::string_view indicator, std::string_view area_key) const {
  if (!ledger_) return std::nullopt;
  const Declaration* const one = ledger_->rules->find(indicator);
  const AreaEntry* const area = ledger_->rules->find_area(area_key);
  if (!one || !area) return std::nullopt;
  return shown_[ledger_->rules->place_of(*one) * areas_ + std::size_t(area - ledger_->rules->areas().data())];
}

void IndicatorLoop::count() {
  std::size_t entities = 0, bytes = shown_.capacity() * sizeof(Reading);
  for (const TypeTable& table : tables_) entities += table.size(), bytes += table.bytes();
  for (const Cells& cells : ledger_->cells) bytes += cells.bytes();
  entities_ = entities;
  bytes_ = bytes;
  indicators_ = ledger_->rules->indicators().size();
  area_count_ = areas_;
}

IndicatorLoop::Stats IndicatorLoop::stats() const {
  return {indicators_, area_count_, entities_, written_, published_, bytes_};
}

}  // namespace cityloop::index
