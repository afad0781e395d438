#include "domain/awards/trust/log_check.h"

#include <algorithm>

#include "trust/key_pair.h"

namespace cityloop::awards {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

LogCheck::LogCheck(std::string public_key, Signatures signatures)
    : key_(std::move(public_key)), log_(trust::sha256({key_})), signatures_(signatures) {}

std::unexpected<base::Error> LogCheck::wrong(std::string_view what) const {
  return fail(Errc::corrupt, "line {} of the log does not hold: {}", lines_, what);
}

Status LogCheck::line(std::string_view text) {
  ++lines_;
  return is_entry_line(text) ? entry(text) : head(text);
}

Status LogCheck::entry(std::string_view text) {
  const auto read = read_entry(text);
  if (!read) return wrong(read.error().message);
  if (!head_) return wrong("an entry stands before the first head");
  if (read->n != tree_.size()) return wrong(fmt::format("entry {} stands where {} must", read->n, tree_.size()));
  if (read->at < head_->at - kLogLag)
    return wrong(fmt::format("entry {} says that it arrived at {}, but the head of {} does not have it", read->n,
                             log_time(read->at), log_time(head_->at)));
  latest_ = std::max(latest_, read->at);
  tree_.add(leaf_hash(text));
  return {};
}

Status LogCheck::head(std::string_view text) {
  auto read = read_head(text);
  if (!read) return wrong(read.error().message);
  if (read->log != log_) return wrong("it is signed by another key");
  if (read->size != tree_.size())
    return wrong(fmt::format("the head counts {} entries, and there are {}", read->size, tree_.size()));
  if (read->before != head_line_) return wrong("it does not follow the head before it");
  if (head_ && read->at < head_->at) return wrong("its time is before the last head's");
  if (latest_ > read->at) return wrong("it has an entry that arrived after it was signed");
  if (read->root != tree_.root(tree_.size())) return wrong("the entries before it are not those that were signed");
  if (signatures_ == Signatures::all) {
    if (const Status good = check_head(*read, key_); !good) return wrong(good.error().message);
  }
  head_ = *std::move(read);
  head_line_ = trust::sha256({text});
  latest_ = base::kNever;
  ++heads_;
  return {};
}

Status LogCheck::end() const {
  if (!head_) return fail(Errc::corrupt, "the log has no head");
  if (waiting() > 0)
    return fail(Errc::corrupt, "the last {} entries of the log stand behind its last head: nobody signed them",
                waiting());
  return check_head(*head_, key_);
}

Result<LogCheck> check_log(std::string_view bytes, const std::string& public_key) {
  LogCheck check(public_key);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos)
      return fail(Errc::corrupt, "the log ends within line {}: it is being written, or was cut off", check.lines() + 1);
    TRY(check.line(bytes.substr(0, end)));
    bytes.remove_prefix(end + 1);
  }
  TRY(check.end());
  return check;
}

Status check_head(const TreeHead& head, std::string_view public_key) {
  if (head.log != trust::sha256({public_key})) return fail(Errc::corrupt, "the head is of a log with another key");
  if (!trust::is_signed_by(public_key, head.signed_text(), head.signature))
    return fail(Errc::corrupt, "the signature of the head is not the log's");
  return {};
}

}  // namespace cityloop::awards
