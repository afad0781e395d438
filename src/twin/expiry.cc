#include "twin/expiry.h"

#include "base/time.h"

namespace cityloop::twin {

void Expiry::set(flow::EntityId id, flow::Instant at) {
  const auto known = until_.find(id);
  if (known != until_.end()) {
    if (known->second == at) return;
    next_.erase({known->second, id});
    changed_.insert(id);
    until_.erase(known);
  }
  if (at == flow::kNever) return;
  changed_.insert(id);
  until_.emplace(id, at);
  next_.emplace(at, id);
}

void Expiry::on_record(const flow::LogRecord& record, Outbox& out) {
  for (const flow::Change& change : record.changes) {
    set(change.entity, change.kind == flow::ChangeKind::erased ? flow::kNever : change.expires_at);
  }
  while (!next_.empty() && next_.begin()->first <= record.at) {
    flow::Write write;
    write.mode = flow::WriteMode::erase;
    write.entity = next_.begin()->second;
    out.writes.push_back(std::move(write));
    set(next_.begin()->second, flow::kNever);
  }
}

void Expiry::save(base::ByteWriter& out) const {
  out.varint(next_.size());
  for (const auto& [at, id] : next_) {
    out.svarint(base::to_us(at));
    out.text(id.text());
  }
}

base::Status Expiry::load(base::ByteReader& in) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const flow::Instant at = base::from_us(in.svarint());
    set(flow::EntityId(in.text()), at);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the checkpoint of the expiry loop is damaged");
  return {};
}

void Expiry::save_changed(StateRows& rows) {
  for (const flow::EntityId id : changed_) {
    const auto known = until_.find(id);
    if (known == until_.end()) {
      rows.erase(id.text());
      continue;
    }
    base::ByteWriter at;
    at.svarint(base::to_us(known->second));
    rows.put(id.text(), at.take());
  }
  changed_.clear();
}

base::Status Expiry::load_row(std::string_view key, base::ByteReader& value) {
  const flow::EntityId id(key);
  set(id, base::from_us(value.svarint()));
  changed_.erase(id);
  return {};
}

}  // namespace cityloop::twin
