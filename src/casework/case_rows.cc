// What the loop keeps of itself, row by row: its head, the rules that cases run by, and the book's cases and findings.
#include "casework/case_loop.h"

namespace cityloop::casework {

namespace {

// In the order in which they must be read.
constexpr char kHeadRow = 'a', kRulesRow = 'r';
constexpr std::uint8_t kHeadFormat = 3;

// Rows as one text, for who keeps the state whole.
class RowText final : public twin::StateRows {
 public:
  void put(std::string_view key, std::string value) override { rows_[std::string(key)] = std::move(value); }
  void erase(std::string_view key) override { rows_.erase(std::string(key)); }
  void write(base::ByteWriter& out) const {
    out.u8(kHeadFormat);
    out.varint(rows_.size());
    for (const auto& [key, value] : rows_) {
      out.text(key);
      out.text(value);
    }
  }

 private:
  std::map<std::string, std::string> rows_;
};

std::string rules_row(const CaseRules& rules) {
  base::ByteWriter out;
  rules.save(out);
  return out.take();
}

}  // namespace

std::string CaseLoop::head_row() const {
  base::ByteWriter out;
  out.u8(kHeadFormat);
  out.svarint(base::to_us(now_));
  out.text(rules_ ? rules_->version() : std::string{});
  out.varint(archived_);
  out.varint(numbered_);
  return out.take();
}

// Rules that no case runs by any more, and that are not in force, are left behind.
std::set<std::string> CaseLoop::needed_rules() const {
  std::set<std::string> out;
  if (rules_) out.insert(rules_->version());
  for (const auto& [version, cases] : book_.cases_by_rules()) out.insert(version);
  return out;
}

void CaseLoop::save_changed(twin::StateRows& rows) {
  rows.put(std::string(1, kHeadRow), head_row());
  std::set<std::string> needed = needed_rules();
  for (const std::string& version : needed) {
    if (!rules_in_rows_.contains(version)) rows.put(kRulesRow + version, rules_row(*held_.at(version)));
  }
  for (const std::string& version : rules_in_rows_) {
    if (!needed.contains(version)) rows.erase(kRulesRow + version);
  }
  rules_in_rows_ = std::move(needed);
  book_.save_changed(rows);
  storms_covered_.save_changed(rows);
  neighbours_.save_changed(rows);
}

void CaseLoop::save(base::ByteWriter& out) const {
  RowText rows;
  rows.put(std::string(1, kHeadRow), head_row());
  for (const std::string& version : needed_rules()) rows.put(kRulesRow + version, rules_row(*held_.at(version)));
  book_.save_all(rows);
  storms_covered_.save_all(rows);
  neighbours_.save_all(rows);
  rows.write(out);
}

base::Status CaseLoop::load(base::ByteReader& in) {
  if (const std::uint8_t format = in.u8(); format != kHeadFormat)
    return base::fail(base::Errc::unsupported,
                      "the state of casework has format {}, and this program knows {}: it was written by another one",
                      format, kHeadFormat);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const std::string_view key = in.text();
    base::ByteReader value(in.text());
    TRY(load_row(key, value));
    if (!value.ok() || !value.at_end()) return base::fail(base::Errc::corrupt, "row '{}' of casework is damaged", key);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the state of casework is cut short");
  rules_in_rows_.clear();
  book_.mark_all_changed();
  storms_covered_.mark_all_changed();
  neighbours_.mark_all_changed();
  return {};
}

base::Status CaseLoop::load_row(std::string_view key, base::ByteReader& in) {
  if (key.starts_with(kRulesRow)) {
    CaseRulesPtr rules = TRY(CaseRules::load(in));
    const std::string version = rules->version();
    rules_in_rows_.insert(version);
    if (version == rules_in_force_) rules_ = rules;
    held_[version] = std::move(rules);
    return {};
  }
  if (key.starts_with(kHeadRow)) {
    if (const std::uint8_t format = in.u8(); format != kHeadFormat)
      return base::fail(base::Errc::corrupt, "the head of casework has format {}, not {}", format, kHeadFormat);
    now_ = base::from_us(in.svarint());
    rules_in_force_ = in.text();
    archived_ = in.varint();
    numbered_ = in.varint();
    archived_now_ = archived_;
    return {};
  }
  if (key.starts_with(StormBook::kRow)) return storms_covered_.load_row(key, in), base::Status{};
  if (key.starts_with(Neighbours::kRow)) return neighbours_.load_row(key, in);
  TRY(book_.load_row(key, in, [this](Tracked& tracked) { return bind(tracked); }));
  open_now_ = book_.open_count();
  return {};
}

}  // namespace cityloop::casework
