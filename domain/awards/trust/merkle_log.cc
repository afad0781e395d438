#include "domain/awards/trust/merkle_log.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <functional>

#include "base/log.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kCommitMax = 4096;  // entries that share a flush
constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kSectorBytes = 512;

// Calls take(line, where it begins, where the next one begins) for each line that ends, until it returns false or an
// error; gives where the first one begins that was not taken.
Result<std::uint64_t> each_line(const store::File& file, std::uint64_t size,
                                const std::function<Status(std::string_view, std::uint64_t, std::uint64_t)>& take) {
  std::string buffer(kReadBytes, '\0');
  std::uint64_t at = 0;
  while (at < size) {
    const std::string_view have = TRY(file.read(at, buffer));
    std::size_t used = 0;
    for (std::size_t end = have.find('\n'); end != std::string_view::npos; end = have.find('\n', used)) {
      TRY(take(have.substr(used, end - used), at + used, at + end + 1));
      used = end + 1;
    }
    if (used == 0) {
      if (at + have.size() >= size) break;
      buffer.resize(buffer.size() * 2);
    }
    at += used;
  }
  return at;
}

// Whether a sector that a file system never got to write stands in it: all zeros, at a place where one begins.
bool has_empty_sector(std::string_view bytes, std::uint64_t at) {
  std::size_t begin = (kSectorBytes - at % kSectorBytes) % kSectorBytes;
  if (begin > 0 && bytes.substr(0, begin).find_first_not_of('\0') == std::string_view::npos) return true;
  for (; begin < bytes.size(); begin += kSectorBytes) {
    if (bytes.substr(begin, kSectorBytes).find_first_not_of('\0') == std::string_view::npos) return true;
  }
  return false;
}

// Whether bytes without an end of line can be the beginning of one. Only the last byte of a line is a '}'.
bool may_go_on(std::string_view rest) {
  const std::size_t end = rest.find('}');
  return rest.empty() || (rest.front() == '{' && (end == std::string_view::npos || end + 1 == rest.size()));
}

// Whether bytes behind the last head that holds, of which the first lines are `entries` good ones, can be a commit of
// which the disk has only some.
bool is_cut_short(std::string_view tail, std::uint64_t at, std::uint64_t entries) {
  if (has_empty_sector(tail, at)) {
    // Its head, if it is there, is the last line. Where another one follows, the commit before had been on disk.
    for (std::size_t line = tail.find('\n'); line != std::string_view::npos; line = tail.find('\n', line + 1)) {
      const std::string_view next = tail.substr(line + 1);
      const std::size_t end = next.find('\n');
      if (end != std::string_view::npos && end + 1 < next.size() && read_head(next.substr(0, end))) return false;
    }
    return true;
  }
  const auto ends = std::uint64_t(std::ranges::count(tail, '\n'));
  return ends == entries && may_go_on(tail.substr(tail.rfind('\n') + 1));
}

}  // namespace

Result<std::unique_ptr<MerkleLog>> MerkleLog::open(const std::string& folder, trust::SigningPair pair,
                                                   const base::Clock& clock, store::DiskFaults faults) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::unavailable, "cannot make the folder {}: {}", folder, error.message());
  std::unique_ptr<MerkleLog> out(new MerkleLog(folder + "/log.jsonl", std::move(pair), clock, std::move(faults)));
  if (!std::filesystem::exists(out->path_)) TRY(out->begin());
  out->file_ = std::make_unique<store::File>(TRY(store::File::open(out->path_, out->faults_, true)));
  TRY(out->load());
  return out;
}

// There at once and whole, so that a log without its first head is never half born.
Status MerkleLog::begin() {
  return store::write_whole(path_, sign(0, clock_.now()).line() + '\n', faults_);
}

Status MerkleLog::load() {
  LogCheck check(public_key(), Signatures::last);
  const std::uint64_t size = TRY(file_->size());
  Status damage;
  const auto take = [&](std::string_view text, std::uint64_t begin, std::uint64_t end) -> Status {
    damage = check.line(text);
    if (!damage) return damage;
    if (is_entry_line(text)) {
      starts_.push_back(begin);
    } else {
      end_ = end;
      ++commits_;
    }
    return {};
  };
  const auto read = each_line(*file_, size, take);
  if (!read && damage) return std::unexpected(read.error());  // the disk's
  if (check.head()) TRY(check_head(*check.head(), public_key()));
  if (!check.head()) return damage ? fail(Errc::corrupt, "the log {} has no head", path_) : damage;
  return mend(std::move(check), end_, size);
}

// What stands behind the last head was never acknowledged, if it is what a write cut short leaves: whole entries, then
// the beginning of a line, or sectors that were never filled. Whatever else it is has been altered since.
Status MerkleLog::mend(LogCheck check, std::uint64_t committed, std::uint64_t size) {
  std::string tail(size - committed, '\0');
  tail.resize(TRY(file_->read(committed, tail)).size());
  if (!is_cut_short(tail, committed, check.waiting()))
    return fail(Errc::corrupt, "the log {} is damaged behind entry {}, at line {}", path_, check.head()->size,
                check.lines());
  cut_bytes_ = tail.size();
  if (!tail.empty()) {
    base::log_warn(
        "the award log {}: a write was cut short; {} bytes behind entry {} that nobody was told of are dropped", path_,
        tail.size(), check.head()->size);
    TRY(file_->truncate(committed));
  }
  // What was acknowledged is on disk; what a copy or a restore has put here shall be as well.
  TRY(file_->flush());
  head_ = *check.head();
  tree_ = check.take_tree();
  tree_.shrink(head_.size);
  starts_.resize(head_.size);
  return {};
}

TreeHead MerkleLog::sign(std::uint64_t size, base::Instant at) const {
  TreeHead out{.log = trust::sha256({public_key()}),
               .size = size,
               .root = tree_.root(size),
               .at = at,
               .before = head_.signature.empty() ? Digest{} : trust::sha256({head_.line()}),
               .signature = {}};
  out.signature = pair_.sign(out.signed_text());
  return out;
}

// Whoever comes while nobody writes, writes for all who wait by then.
Result<Logged> MerkleLog::append(LogEntry entry) {
  Waiting mine{std::move(entry), {}, false};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  while (!mine.answered) {
    if (writing_) {
      written_.wait(lock);
      continue;
    }
    writing_ = true;
    const auto last = waiting_.begin() + std::ptrdiff_t(std::min(waiting_.size(), kCommitMax));
    const std::vector<Waiting*> batch(waiting_.begin(), last);
    waiting_.erase(waiting_.begin(), last);
    lock.unlock();
    commit(batch);
    lock.lock();
    for (Waiting* one : batch) one->answered = true;
    writing_ = false;
    written_.notify_all();
  }
  lock.unlock();
  TRY(mine.done);
  return shown(std::move(mine.entry));
}

Status MerkleLog::judge(const LogEntry& entry, base::Instant now) const {
  for (const std::string_view word : {std::string_view(entry.kind), std::string_view(entry.cycle),
                                      std::string_view(entry.subject), std::string_view(entry.by)}) {
    if (!is_log_word(word))
      return fail(Errc::invalid, "'{}' is no word of a log: 1 to 120 of A-Z a-z 0-9 . _ : / + -", word);
  }
  if (!entry.sha256 && !entry.commitment) return fail(Errc::invalid, "an entry says nothing of any content");
  if (entry.at > now)
    return fail(Errc::invalid, "an entry cannot have arrived at {}: it is {}", log_time(entry.at), log_time(now));
  if (entry.at < head_.at - kLogLag)
    return fail(Errc::conflict, "an entry cannot have arrived at {}: the log was signed without it at {}",
                log_time(entry.at), log_time(head_.at));
  return {};
}

void MerkleLog::commit(const std::vector<Waiting*>& batch) {
  const base::Instant now = clock_.now();
  const base::Instant at = std::max(now, head_.at);  // a clock may be set back; heads do not follow it
  std::string bytes;
  std::vector<std::uint64_t> starts;
  for (Waiting* one : batch) {
    one->done = judge(one->entry, at);
    if (!one->done) continue;
    one->entry.n = head_.size + starts.size();
    starts.push_back(end_ + bytes.size());
    bytes += one->entry.line();
    const std::unique_lock lock(state_);
    tree_.add(leaf_hash(std::string_view(bytes).substr(starts.back() - end_)));
    bytes += '\n';
  }
  if (starts.empty()) return;
  TreeHead head = sign(head_.size + starts.size(), at);
  bytes += head.line() + '\n';
  const Status done = write(bytes);
  const std::unique_lock lock(state_);
  if (!done) {
    tree_.shrink(head_.size);
    for (Waiting* one : batch) {
      if (one->done) one->done = done;
    }
    return;
  }
  starts_.insert(starts_.end(), starts.begin(), starts.end());
  head_ = std::move(head);
  end_ += bytes.size();
  ++commits_;
}

Status MerkleLog::write(const std::string& bytes) {
  if (broken_)
    return fail(Errc::unavailable, "the disk failed while the award log was written: it must be opened again");
  Status done = file_->write(end_, {}, bytes);
  if (done) done = file_->flush();
  if (done) return {};
  Status back = file_->truncate(end_);
  if (back) back = file_->flush();
  broken_ = !back;
  base::log_error("the award log {} could not be written: {}{}", path_, done.error().message,
                  broken_ ? "; nor could that be taken back, so nothing more is accepted" : "");
  return done;
}

Logged MerkleLog::shown(LogEntry entry) const {
  const std::shared_lock lock(state_);
  const std::uint64_t n = entry.n;
  return {std::move(entry), head_, tree_.inclusion(n, head_.size)};
}

TreeHead MerkleLog::head() const {
  const std::shared_lock lock(state_);
  return head_;
}

Result<Logged> MerkleLog::find(std::uint64_t n) const {
  std::uint64_t begin = 0, end = 0;
  {
    const std::shared_lock lock(state_);
    if (n >= head_.size) return fail(Errc::not_found, "there is no entry {}: the log has {}", n, head_.size);
    begin = starts_[n];
    end = n + 1 < head_.size ? starts_[n + 1] : end_;
  }
  const std::string text = TRY(read(begin, end));
  return shown(TRY(read_entry(std::string_view(text).substr(0, text.find('\n')))));
}

Result<std::string> MerkleLog::read(std::uint64_t begin, std::uint64_t end) const {
  std::string out(end - begin, '\0');
  out.resize(TRY(file_->read(begin, out)).size());
  return out;
}

Result<std::vector<Digest>> MerkleLog::consistency(std::uint64_t from, std::uint64_t to) const {
  const std::shared_lock lock(state_);
  if (from > to || to > head_.size)
    return fail(Errc::invalid, "there is no way from {} to {} entries: the log has {}", from, to, head_.size);
  return tree_.consistency(from, to);
}

Result<std::string> MerkleLog::lines(std::uint64_t n, std::uint64_t entries) const {
  std::uint64_t begin = 0, end = 0;
  {
    const std::shared_lock lock(state_);
    if (n > 0 && n >= head_.size) return fail(Errc::not_found, "there is no entry {}: the log has {}", n, head_.size);
    begin = n == 0 ? 0 : starts_[n];
    end = entries >= head_.size - n ? end_ : starts_[n + entries];
  }
  return read(begin, end);
}

MerkleLog::Stats MerkleLog::stats() const {
  const std::shared_lock lock(state_);
  return {head_.size, commits_, end_, cut_bytes_};
}

}  // namespace cityloop::awards
