// The loop's state on disk: "a" the declarations, "eTYPE\nURN" an entity, "wINDICATOR\nAREA\nBUCKET" a bucket of a
// window. The declarations come first, so the others find their tables made.
#include <charconv>

#include "index/indicator/indicator_loop.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;

constexpr std::uint8_t kVersion = 1;

void put_wide(base::ByteWriter& out, Wide value) {
  const auto bits = static_cast<unsigned __int128>(value);
  const auto zigzag = bits << 1 ^ static_cast<unsigned __int128>(value >> 127);
  out.varint(std::uint64_t(zigzag));
  out.varint(std::uint64_t(zigzag >> 64));
}

Wide get_wide(base::ByteReader& in) {
  auto zigzag = static_cast<unsigned __int128>(in.varint());
  zigzag |= static_cast<unsigned __int128>(in.varint()) << 64;
  return static_cast<Wide>(zigzag >> 1) ^ -static_cast<Wide>(zigzag & 1);
}

}  // namespace

void IndicatorLoop::save_changed(twin::StateRows& rows) {
  if (!ledger_) return;
  for (const std::string& key : old_rows_) rows.erase(key);
  old_rows_.clear();
  base::ByteWriter head;
  head.u8(kVersion);
  head.svarint(base::to_us(now_));
  head.svarint(base::to_us(publish_at_));
  rows.put("b", head.take());
  if (std::exchange(rules_changed_, false)) {
    base::ByteWriter out;
    ledger_->rules->save(out);
    rows.put("a", out.take());
  }
  for (TypeTable& table : tables_) table.save_changed(fmt::format("e{}\n", table.plan().type.text()), rows);
  for (std::size_t i = 0; i < ledger_->cells.size(); ++i) {
    const std::string& id = ledger_->rules->indicators()[i].id;
    ledger_->cells[i].save_changed(
        [&](std::size_t area, std::int64_t number, const Bucket* bucket, base::Instant since) {
          const std::string key = fmt::format("w{}\n{}\n{:020}", id, ledger_->rules->areas()[area].key(), number);
          if (!bucket) return rows.erase(key);
          base::ByteWriter out;
          put_wide(out, bucket->sum);
          put_wide(out, bucket->of);
          out.svarint(base::to_us(since));
          out.u8(bucket->values ? 1 : 0);
          if (bucket->values) bucket->values->save(out);
          rows.put(key, out.take());
        });
  }
}

base::Status IndicatorLoop::load_row(std::string_view key, base::ByteReader& in) {
  if (key == "a") {
    use(TRY(IndicatorRules::load(in)));
    recall_ = true;
    return {};
  }
  if (!ledger_) return fail(Errc::corrupt, "the indicators' state has rows without declarations");
  if (key == "b") {
    if (const std::uint8_t version = in.u8(); version != kVersion)
      return fail(Errc::unsupported, "the indicators' state has encoding {}, unknown here", version);
    now_ = base::from_us(in.svarint());
    publish_at_ = base::from_us(in.svarint());
    dirty_ = true;
    ledger_->move_to(now_);
    return {};
  }
  if (key.starts_with('w')) return load_window(key.substr(1), in);
  const auto line = key.find('\n');
  for (TypeTable& table : tables_) {
    if (line == std::string_view::npos || table.plan().type.text() != key.substr(1, line - 1)) continue;
    table.load_row(key.substr(line + 1), in);
    return {};
  }
  return fail(Errc::corrupt, "the indicators' state has a row '{}' that no declaration asks for", key);
}

base::Status IndicatorLoop::load_window(std::string_view key, base::ByteReader& in) {
  const auto first = key.find('\n'), second = key.rfind('\n');
  Bucket bucket;
  const std::string_view number = key.substr(second + 1);
  std::from_chars(number.data(), number.data() + number.size(), bucket.number);
  bucket.sum = get_wide(in);
  bucket.of = get_wide(in);
  const base::Instant since = base::from_us(in.svarint());
  if (in.u8() != 0) {
    bucket.values = std::make_unique<Sketch>();
    bucket.values->load(in);
  }
  const Declaration* const one = ledger_->rules->find(key.substr(0, first));
  const AreaEntry* const area =
      first < second ? ledger_->rules->find_area(key.substr(first + 1, second - first - 1)) : nullptr;
  if (!one || !area) return fail(Errc::corrupt, "the indicators' state has a window '{}' of nothing", key);
  ledger_->cells[ledger_->rules->place_of(*one)].load_bucket(std::size_t(area - ledger_->rules->areas().data()),
                                                             std::move(bucket), since);
  return {};
}

// Whole checkpoints are not made: rows are kept from the beginning.
void IndicatorLoop::save(base::ByteWriter&) const {}

base::Status IndicatorLoop::load(base::ByteReader&) {
  return fail(Errc::unsupported, "indicators have never kept whole checkpoints");
}

}  // namespace cityloop::index
