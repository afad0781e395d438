#include "duty/roster_keeper.h"

#include "flow/noun.h"
#include "flow/own_types.h"
#include "store/record.h"

namespace cityloop::duty {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

RosterKeeper::RosterKeeper() = default;

void RosterKeeper::take_rules(const flow::Entity& entity) {
  const Instant since = flow::time_field(entity, "inForceSince");
  DutyRulesPtr& version = versions_[std::string(entity.id.text())];
  if (!version) {
    auto rules = DutyRules::from_entity(entity);
    if (!rules) {
      versions_.erase(std::string(entity.id.text()));
      return void(++malformed_);
    }
    version = std::move(*rules);
  }
  if (rules_ && since < rules_since_) return;
  rules_ = version;
  rules_since_ = since;
  roster_.reset();
}

// A change tells only what has become another.
bool RosterKeeper::take(const flow::Change& change) {
  const bool rules = change.is_a(flow::kDutyRulesType);
  if (!rules && !change.is_a(flow::kDutyChangeType)) return false;
  if (change.kind == flow::ChangeKind::erased) {
    if (!rules && changes_.erase(std::string(change.entity.text()))) roster_.reset();
    return true;
  }
  const DutyChange* known = rules ? nullptr : find(change.entity);
  take(entity_after(known ? to_write(*known) : flow::Write{}, change));
  return true;
}

void RosterKeeper::take(const flow::Entity& entity) {
  if (entity.is_a(flow::kDutyRulesType)) return take_rules(entity);
  auto read = change_from(entity);
  if (read) put(std::move(*read));
  else ++malformed_;
}

void RosterKeeper::put(DutyChange change) {
  roster_.reset();
  std::string id(change.id.text());
  changes_.insert_or_assign(std::move(id), std::move(change));
}

const DutyChange* RosterKeeper::find(flow::EntityId id) const {
  const auto found = changes_.find(id.text());
  return found == changes_.end() ? nullptr : &found->second;
}

const RosterPtr& RosterKeeper::roster() const {
  if (roster_) return roster_;
  std::vector<DutyChange> granted;
  for (const auto& [id, change] : changes_) {
    if (change.status == ChangeStatus::granted) granted.push_back(change);
  }
  return roster_ = Roster::make(rules_, std::move(granted));
}

void RosterKeeper::forget_before(Instant at) {
  const auto over = [&](const auto& one) { return one.second.until < at && one.second.other_until < at; };
  if (std::erase_if(changes_, over)) roster_.reset();
}

void RosterKeeper::save(base::ByteWriter& out) const {
  out.u8(kFormat);
  out.text(rules_ ? rules_->version() : std::string{});
  out.varint(versions_.size());
  for (const auto& [id, version] : versions_) version->save(out);
  out.svarint(base::to_us(rules_since_));
  out.varint(changes_.size());
  for (const auto& [id, change] : changes_) out.text(store::encode(entity_of(to_write(change))));
}

base::Status RosterKeeper::load(base::ByteReader& in) {
  if (const std::uint8_t format = in.u8(); format != kFormat)
    return base::fail(base::Errc::unsupported, "the state of duty has format {}, and this program knows {}", format,
                      kFormat);
  const std::string in_force(in.text());
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    DutyRulesPtr version = TRY(DutyRules::load(in));
    if (version->version() == in_force) rules_ = version;
    versions_[std::string(DutyRules::entity_id(version->version()).text())] = std::move(version);
  }
  rules_since_ = base::from_us(in.svarint());
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n)
    put(TRY(change_from(TRY(store::decode_entity(in.text())))));
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the state of duty is cut short");
  roster_.reset();
  return {};
}

}  // namespace cityloop::duty
