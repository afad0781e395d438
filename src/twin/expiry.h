// Takes away what was said to last only until a certain time (`expiresAt`; ETSI GS CIM 009, clause 4.5.1).
//
//   log ══▶ [Expiry] ─ erase ─▶ twin
#pragma once

#include <map>
#include <set>

#include "twin/loop.h"

namespace cityloop::twin {

class Expiry final : public Loop {
 public:
  std::string_view name() const override { return "expiry"; }
  void on_record(const flow::LogRecord&, Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  // A row an entity: what lasts only for a while may be very much.
  bool keeps_rows() const override { return true; }
  void save_changed(StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;

 private:
  void set(flow::EntityId, flow::Instant at);

  std::map<flow::EntityId, flow::Instant> until_;
  std::set<std::pair<flow::Instant, flow::EntityId>> next_;
  std::set<flow::EntityId> changed_;  // since save_changed()
};

}  // namespace cityloop::twin
