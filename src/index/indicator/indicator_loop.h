// Keeps every indicator of the city as the log moves, and writes the values that have changed.
//
//   app ─ IndicatorRules ─▶ log ══ changes ══▶ [IndicatorLoop] ─ IndicatorValue ─▶ twin ─▶ serve, history
//
// Nothing is ever counted anew: what an entity contributed is taken away and what it contributes now is added, in the
// areas it lies in; windows move on by buckets; formulas follow. Every kPublishEvery of the city's time the values that
// differ are written, one entity an area (indicator_value.h), and one entity says up to when the log has been counted:
// so no value is older than five seconds, and each can say its age.
//
// State follows from the log alone, save one case: when declarations ask for attributes that none before asked for, it
// looks once at the entities as they are (IndicatorLoopOptions::each), and keeps what it saw. Kept row by row
// (twin/loop.h): one an entity, one a bucket of a window. What it has shown stands in the twin, written in the same
// commit as its cursor, and is read from there at the start (IndicatorLoopOptions::get).
//
// Memory: about 60 bytes an entity and 16 an attribute asked for, 96 an indicator and area, 64 a bucket in use.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flow/entity.h"
#include "index/indicator/indicator_rules.h"
#include "index/indicator/type_table.h"
#include "twin/loop.h"

namespace cityloop::index {

inline constexpr auto kPublishEvery = base::Duration(std::chrono::seconds(4));
inline constexpr std::string_view kIndicatorLoop = "loop:index";

struct IndicatorLoopOptions {
  // The twin as it is; empty in a house without one (a replay from the log's beginning needs none).
  std::function<flow::EntityPtr(flow::EntityId)> get{};
  std::function<void(flow::Name type, const std::function<void(const flow::Entity&)>&)> each{};
};

class IndicatorLoop final : public twin::Loop {
 public:
  explicit IndicatorLoop(IndicatorLoopOptions options = {}) : options_(std::move(options)) {}

  std::string_view name() const override { return "index"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;
  flow::Instant wakes_at() const override { return dirty_ ? publish_at_ : flow::kNever; }

  struct Stats {
    std::uint64_t indicators, areas, entities, values_written, published, bytes;
  };
  Stats stats() const;  // any thread

  // On the loop's thread only. As it would be shown now.
  std::optional<Reading> reading(std::string_view indicator, std::string_view area_key) const;

 private:
  void take_rules(const flow::Change&, twin::Outbox&);
  void use(IndicatorRulesPtr);
  void adopt(std::vector<TypeTable>& old_tables, Ledger& old, twin::Outbox&);
  void learn(TypeTable&);
  void withdraw(const Ledger& old, twin::Outbox&) const;
  void take_windows(Ledger& old);
  void route(const flow::Change&);
  const std::vector<std::uint16_t>& tables_of(flow::NameList types);
  void publish(twin::Outbox&);
  void read_all();
  void read_formulas();
  void put(std::size_t indicator, std::size_t area, const Reading&);
  void write_changes(twin::Outbox&);
  void recall_shown();
  Reading& shown(std::size_t indicator, std::size_t area) { return shown_[indicator * areas_ + area]; }
  void count();
  base::Status load_window(std::string_view key, base::ByteReader&);

  const IndicatorLoopOptions options_;
  std::unique_ptr<Ledger> ledger_;  // null before the first declarations
  std::vector<TypeTable> tables_;
  std::vector<std::optional<std::vector<std::uint16_t>>> tables_of_;  // by the number of a list of types
  std::vector<Reading> shown_;                                        // indicator × area
  std::size_t areas_{0};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> changed_;  // area, indicator: to be written
  flow::Instant now_{flow::kNever}, publish_at_{flow::kNever};
  bool dirty_{false};               // something has changed since the last publication
  bool rules_changed_{false};       // since save_changed()
  bool recall_{false};              // after a start: what stands in the twin is not read yet
  std::set<std::string> old_rows_;  // of former declarations, to be erased
  std::atomic<std::uint64_t> entities_{0}, written_{0}, published_{0}, bytes_{0}, indicators_{0}, area_count_{0};
};

}  // namespace cityloop::index
