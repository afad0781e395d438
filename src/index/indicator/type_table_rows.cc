// Rows of a table of entities on disk, and from one version of the declarations to the next.
#include <algorithm>
#include <utility>

#include "index/indicator/type_table.h"

namespace cityloop::index {
namespace {

using flow::Value;

enum class Kind : std::uint8_t { no, yes, number, text, json };

void put_value(base::ByteWriter& out, const Value& value) {
  if (const bool* const flag = std::get_if<bool>(&value)) {
    out.u8(std::uint8_t(*flag ? Kind::yes : Kind::no));
  } else if (const double* const number = std::get_if<double>(&value)) {
    out.u8(std::uint8_t(Kind::number));
    out.f64(*number);
  } else if (const auto* const text = std::get_if<flow::Text>(&value)) {
    out.u8(std::uint8_t(Kind::text));
    out.text(text->view());
  } else {
    out.u8(std::uint8_t(Kind::json));
    out.text(std::get<flow::Json>(value).text.view());
  }
}

Value get_value(base::ByteReader& in) {
  switch (Kind(in.u8())) {
    case Kind::no: return false;
    case Kind::yes: return true;
    case Kind::number: return in.f64();
    case Kind::text: return flow::Text(in.text());
    case Kind::json: return flow::Json{in.text()};
  }
  return {};
}

}  // namespace

// Position, then what is known: place of the column, value; then when each freshness was seen.
void TypeTable::save_changed(std::string_view prefix, twin::StateRows& rows) {
  std::ranges::sort(changed_, {}, [](flow::EntityId id) { return id.text(); });
  const auto [from, to] = std::ranges::unique(changed_);
  changed_.erase(from, to);
  for (const flow::EntityId id : std::exchange(changed_, {})) {
    const std::string key = std::string(prefix) + std::string(id.text());
    const RowAt row = index_.find(id);
    if (row == IdIndex::kNone) {
      rows.erase(key);
      continue;
    }
    Row& one = rows_[row];
    one.changed = false;
    base::ByteWriter out;
    out.u8(one.has_position ? 1 : 0);
    if (one.has_position) out.f64(one.at.lon_deg), out.f64(one.at.lat_deg);
    std::uint64_t known = 0;
    for (std::size_t i = 0; i < width_; ++i)
      known += !std::holds_alternative<std::monostate>(value(row, std::int16_t(i)));
    out.varint(known);
    for (std::size_t i = 0; i < width_; ++i) {
      const Value& held = value(row, std::int16_t(i));
      if (std::holds_alternative<std::monostate>(held)) continue;
      out.varint(i);
      put_value(out, held);
    }
    for (std::size_t i = 0; i < plan_.freshness.size(); ++i) {
      const base::Instant seen = seen_[row * plan_.freshness.size() + i];
      out.svarint(seen == base::kNever ? -1 : base::to_us(seen));
    }
    rows.put(key, out.take());
  }
}

void TypeTable::load_row(std::string_view urn, base::ByteReader& in) {
  const RowAt row = claim(flow::EntityId(urn));
  Row& one = rows_[row];
  one.has_position = in.u8() != 0;
  if (one.has_position) one.at.lon_deg = in.f64(), one.at.lat_deg = in.f64();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::uint64_t column = in.varint();
    Value held = get_value(in);
    if (column < width_) value(row, std::int16_t(column)) = std::move(held);
  }
  for (std::size_t i = 0; i < plan_.freshness.size(); ++i) {
    const std::int64_t seen = in.svarint();
    if (seen < 0) continue;
    seen_[row * plan_.freshness.size() + i] = base::from_us(seen);
    arm(row, i);
  }
  (void)judge(row, ~std::uint64_t(0));
  settle_place(row);
  add_all(row, +1);
}

void TypeTable::save_all_again() {
  for (RowAt row = 0; row < rows_.size(); ++row) {
    if (rows_[row].alive) note_changed(row);
  }
}

bool TypeTable::adopt(const TypeTable& old) {
  bool knows_all = true;
  std::vector<std::pair<std::int16_t, std::int16_t>> columns;  // old, new
  for (std::size_t i = 0; i < width_; ++i) {
    const Column& wanted = plan_.columns[i];
    const auto same = std::ranges::find_if(old.plan_.columns, [&](const Column& each) {
      return each.name == wanted.name && each.stamp_of == wanted.stamp_of;
    });
    if (same == old.plan_.columns.end()) knows_all = knows_all && !wanted.stamp_of.empty();
    else columns.emplace_back(std::int16_t(same - old.plan_.columns.begin()), std::int16_t(i));
  }
  for (RowAt from = 0; from < old.rows_.size(); ++from) {
    const Row& was = old.rows_[from];
    if (!was.alive) continue;
    const RowAt row = claim(was.id);
    rows_[row].at = was.at;
    rows_[row].has_position = was.has_position;
    for (const auto& [before, now] : columns) value(row, now) = old.value(from, before);
    for (std::size_t i = 0; i < plan_.freshness.size(); ++i) {
      if (std::holds_alternative<std::monostate>(value(row, plan_.freshness[i].column))) continue;
      base::Instant seen = ledger_.now;
      for (std::size_t j = 0; j < old.plan_.freshness.size(); ++j) {
        const Column& theirs = old.plan_.columns[std::size_t(old.plan_.freshness[j].column)];
        if (theirs.name == plan_.columns[std::size_t(plan_.freshness[i].column)].name)
          seen = old.seen_[from * old.plan_.freshness.size() + j];
      }
      seen_[row * plan_.freshness.size() + i] = seen;
      if (seen != base::kNever) arm(row, i);
    }
    (void)judge(row, ~std::uint64_t(0));
    settle_place(row);
    add_all(row, +1);
  }
  return knows_all;
}

}  // namespace cityloop::index
