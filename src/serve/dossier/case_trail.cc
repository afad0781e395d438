#include "serve/dossier/case_trail.h"

#include <algorithm>
#include <map>

#include "flow/own_types.h"
#include "store/record.h"
#include "trust/secret.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using flow::LogRecord;
using flow::Seq;
using store::Table;

constexpr char kRow = 't';
constexpr std::string_view kCasePrefix = "urn:ngsi-ld:Case:";
constexpr Seq kNewMax = 100'000;  // so much is looked through one by one

std::string row_prefix(std::string_view id) {
  return fmt::format("{}{}{}", kRow, id, '\0');
}

std::string row_key(std::string_view id, Seq seq) {
  std::string key = row_prefix(id);
  for (int shift = 56; shift >= 0; shift -= 8) key += char(seq >> shift & 0xff);
  return key;
}

Seq seq_of(std::string_view key) {
  Seq seq = 0;
  for (const char byte : key.substr(key.size() - 8)) seq = seq << 8 | std::uint8_t(byte);
  return seq;
}

bool has_life_of_its_own(const flow::Change& change) {
  static const flow::Name kAlert("Alert");
  return change.is_a(flow::kCaseType) || change.is_a(flow::kFindingType) || change.is_a(flow::kCommandType) ||
         change.is_a(flow::kActionType) || change.is_a(kAlert);
}

bool is_of_the_house(const flow::Change& change) {
  for (const flow::Name type : change.types) {
    if (flow::is_own_type(type)) return true;
  }
  return false;
}

// What is to be found: whose records are wanted, and which they are.
class Search {
 public:
  Search(const twin::Twin& twin, Seq done, const TrailWish& wish) : twin_(twin), done_(done), wish_(wish) {}

  Result<CaseRecords> run() {
    out_.head = twin_.head();
    TRY(want(wish_.case_id));
    for (const std::string& id : wish_.also) TRY(want(id));
    TRY(read_new());
    // Actions, commands … that name the case have records of their own that do not name it again.
    TRY(read());
    while (!wanted_.empty()) {
      const auto fresh = std::exchange(wanted_, {});
      for (const std::string& id : fresh) TRY(want(id));
      TRY(read());
    }
    return finish();
  }

 private:
  Status want(const std::string& id) {
    if (!known_.insert(id).second) return {};
    const std::string from = row_prefix(id);
    std::string to = from;
    to.back() = 1;
    return twin_.store().scan(Table::archive, from, to, [&](std::string_view key, std::string_view) {
      if (const Seq seq = seq_of(key); seq <= out_.head) asked_.insert(seq);
      return true;
    });
  }

  // Records whose rows are not there yet.
  Status read_new() {
    if (out_.head > done_ && out_.head - done_ > kNewMax)
      return fail(Errc::unavailable, "the log is being read for its cases and is not through yet; try again later");
    for (Seq at = std::max(done_, twin_.store().first_seq() - 1); at < out_.head;) {
      const auto records = TRY(twin_.read_log(at, 256, base::Duration::zero()));
      if (records.empty()) break;
      for (const flow::LogRecordPtr& record : records) {
        at = record->seq;
        for (const flow::Change& change : record->changes) {
          trail_of(change, [&](std::string_view id) { new_[std::string(id)].push_back(record->seq); });
        }
      }
    }
    return {};
  }

  Status read() {
    for (const std::string& id : known_) {
      const auto more = new_.find(id);
      if (more == new_.end()) continue;
      asked_.insert(more->second.begin(), more->second.end());
      new_.erase(more);
    }
    const Seq first = twin_.store().first_seq();
    for (auto it = asked_.begin(); it != asked_.end();) {
      if (wish_.stopping && wish_.stopping()) return fail(Errc::unavailable, "the server is stopping");
      if (read_.contains(*it)) {
        ++it;
        continue;
      }
      if (*it < first) {
        ++out_.trimmed, read_.insert(*it), ++it;
        continue;
      }
      const Seq begin = *it;  // of those that stand beside one another
      Seq last = begin;
      for (++it; it != asked_.end() && *it == last + 1 && !read_.contains(*it); ++it) last = *it;
      TRY(read_run(begin, last));
    }
    return {};
  }

  Status read_run(Seq first, Seq last) {
    Status damaged;
    const Status read = twin_.store().read_log(first, [&](Seq seq, std::string_view bytes) {
      if (seq > last) return false;
      read_.insert(seq);
      if (found_.size() >= wish_.records_max || bytes_ + bytes.size() > wish_.bytes_max)
        return ++out_.left_out, seq < last;
      auto record = store::decode_record(seq, bytes);
      if (!record) return damaged = std::unexpected(record.error()), false;
      bytes_ += bytes.size();
      note(*record);
      found_.emplace(seq, TrailRecord{std::move(*record), trust::fingerprint(bytes)});
      return seq < last;
    });
    TRY(read);
    return damaged;
  }

  // Whatever names the case belongs to it.
  void note(const LogRecord& record) {
    for (const flow::Change& change : record.changes) {
      if (change.is_a(flow::kCaseType)) continue;  // another case that names this one has a life of its own
      bool names = false;
      trail_of(change, [&](std::string_view id) { names = names || id == wish_.case_id; });
      if (names && !known_.contains(std::string(change.entity.text())))
        wanted_.insert(std::string(change.entity.text()));
    }
  }

  bool concerns(const flow::Change& change) const {
    bool out = known_.contains(std::string(change.entity.text()));
    trail_of(change, [&](std::string_view id) { out = out || id == wish_.case_id; });
    return out;
  }

  CaseRecords finish() {
    for (auto& [seq, one] : found_) {
      std::erase_if(one.is.changes, [&](const flow::Change& change) { return !concerns(change); });
      if (!one.is.changes.empty()) out_.records.push_back(std::move(one));
    }
    return std::move(out_);
  }

  const twin::Twin& twin_;
  const Seq done_;
  const TrailWish& wish_;
  std::set<std::string> known_, wanted_;
  std::set<Seq> asked_, read_;
  std::map<std::string, std::vector<Seq>> new_;
  std::map<Seq, TrailRecord> found_;
  std::size_t bytes_{0};
  CaseRecords out_;
};

}  // namespace

void trail_of(const flow::Change& change, const std::function<void(std::string_view)>& tell) {
  const bool own_life = has_life_of_its_own(change);
  if (!own_life && !is_of_the_house(change)) return;
  if (own_life) tell(change.entity.text());
  for (const flow::AttributeChange& attribute : change.attributes) {
    if (attribute.now.kind != flow::AttributeKind::relationship) continue;
    const auto* const named = std::get_if<flow::Text>(&attribute.now.value);
    if (named && named->view().starts_with(kCasePrefix) && named->view() != change.entity.text()) tell(named->view());
  }
}

void CaseTrail::on_record(const LogRecord& record, twin::Outbox& out) {
  for (const flow::Change& change : record.changes) {
    trail_of(change, [&](std::string_view id) { out.puts.push_back({Table::archive, row_key(id, record.seq), ""}); });
  }
}

Result<CaseRecords> records_of(const twin::Twin& twin, Seq done, const TrailWish& wish) {
  return Search(twin, done, wish).run();
}

}  // namespace cityloop::serve
