#include "store/journal.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"

namespace cityloop::store {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::uint32_t kFrameMark = 0x314c4c43;         // "CLL1"
constexpr std::string_view kMarkText = "CLL1";           // the same as bytes; they stand 8 behind the frame's begin
constexpr std::uint64_t kFileMark = 0x3130474f4c594354;  // "TCYLOG01"
constexpr std::uint64_t kFileHeader = 64, kFrameHeader = 48;
constexpr std::uint64_t kIndexEvery = 32u << 10;  // bytes between two entries of a file's index
constexpr std::size_t kReadFirst = 64u << 10, kReadMost = 1u << 20;
constexpr std::uint64_t kSector = 512;

struct RawFrame {
  std::uint32_t header_crc, body_crc, mark, body_bytes;
  std::uint64_t number, first_seq;
  std::uint32_t records, spare;
  std::uint64_t flushed_to;
};
static_assert(sizeof(RawFrame) == kFrameHeader && std::endian::native == std::endian::little);

struct RawFile {
  std::uint32_t crc, spare;
  std::uint64_t mark, first_frame, first_seq;
  std::uint64_t before_first_frame, before_end;  // the file before: its first frame, and where it ends
  std::uint64_t before_last_frame, spare_too;
};
static_assert(sizeof(RawFile) == kFileHeader);

template <class Raw>
std::string_view bytes_of(const Raw& raw) {
  return {reinterpret_cast<const char*>(&raw), sizeof raw};
}
template <class Raw>
std::uint32_t header_crc(const Raw& raw) {
  return crc32c(bytes_of(raw).substr(4));
}

// The frame's header when one stands at the beginning of the bytes.
std::optional<RawFrame> frame_at(std::string_view bytes) {
  if (bytes.size() < kFrameHeader) return std::nullopt;
  RawFrame raw;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  if (raw.mark != kFrameMark || raw.header_crc != header_crc(raw)) return std::nullopt;
  return raw;
}

Frame to_frame(const RawFrame& raw) {
  return {raw.number, raw.first_seq, raw.records, raw.flushed_to};
}

bool has_empty_sector(std::string_view bytes, std::uint64_t at) {
  for (std::uint64_t i = (kSector - at % kSector) % kSector; i + kSector <= bytes.size(); i += kSector) {
    if (bytes.substr(i, kSector).find_first_not_of('\0') == std::string_view::npos) return true;
  }
  return false;
}

Status check_body(const Frame& frame, std::string_view body,
                  const std::function<Status(Seq, std::string_view)>& read_record) {
  Status bad;
  Seq seq = frame.first_seq;
  TRY(read_operations(body, [&](const Operation& operation) {
    if (operation.act == Act::append && read_record) bad = read_record(seq++, operation.value);
    return bad.has_value();
  }));
  return bad;
}

std::string where(const File& file, std::uint64_t at) {
  return fmt::format("{} at byte {}", file.path(), at);
}

}  // namespace

struct Journal::Segment {
  File file;
  std::uint64_t first_frame;
  Seq first_seq;
  std::uint64_t before_first_frame, before_end, before_last_frame;
  std::uint64_t sealed_end{0};  // 0: the last file, whose end is the journal's
  struct Mark {
    std::uint64_t frame;
    Seq first_seq;
    std::uint64_t at;
  };
  mutable std::mutex mutex;         // guards marks
  mutable std::vector<Mark> marks;  // rising; the first is the first frame

  explicit Segment(File f, const RawFile& raw)
      : file(std::move(f)),
        first_frame(raw.first_frame),
        first_seq(raw.first_seq),
        before_first_frame(raw.before_first_frame),
        before_end(raw.before_end),
        before_last_frame(raw.before_last_frame),
        marks{{raw.first_frame, raw.first_seq, kFileHeader}} {}

  void mark(const Frame& frame, std::uint64_t at) const {
    const std::lock_guard lock(mutex);
    if (at >= marks.back().at + kIndexEvery) marks.push_back({frame.number, frame.first_seq, at});
  }
};

Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const std::string& folder, const JournalOptions& options,
                                               std::uint64_t applied, bool read_only) {
  std::unique_ptr<Journal> journal(new Journal(folder, options));
  TRY(journal->load(read_only));
  if (!journal->segments_.empty()) TRY(journal->find_end(applied, read_only));
  if (journal->last_frame_ < applied) {
    return fail(Errc::corrupt, "the log in {} ends at commit {}, but commit {} was on disk", folder,
                journal->last_frame_, applied);
  }
  if (journal->segments_.empty() && !read_only) TRY(journal->begin_segment());
  return journal;
}

Status Journal::load(bool read_only) {
  std::error_code error;
  if (!read_only) std::filesystem::create_directories(folder_, error);
  if (error) return fail(Errc::unavailable, "cannot make the folder {}: {}", folder_, error.message());
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() == ".journal") paths.push_back(entry.path().string());
  }
  if (error) return fail(Errc::unavailable, "cannot list {}: {}", folder_, error.message());
  std::ranges::sort(paths);  // numbers of twenty digits: as they follow one another
  for (const std::string& path : paths) TRY(load_segment(path, &path == &paths.back(), read_only));
  for (std::size_t i = 1; i < segments_.size(); ++i) {
    const Segment& next = *segments_[i];
    Segment& mine = *segments_[i - 1];
    if (next.before_first_frame != mine.first_frame) {
      return fail(Errc::corrupt, "the log lacks the file before {}", next.file.path());
    }
    mine.sealed_end = next.before_end;
    const std::uint64_t size = TRY(mine.file.size());
    if (size < mine.sealed_end) {
      return fail(Errc::corrupt, "the log's file {} is {} bytes short", mine.file.path(), mine.sealed_end - size);
    }
  }
  return {};
}

// A file's head is written last: a last file without one was being made when the process ended, and nothing in it was
// ever accepted.
Status Journal::load_segment(const std::string& path, bool may_be_unborn, bool read_only) {
  File file = TRY(File::open(path, options_.faults, !read_only));
  RawFile raw{};
  std::array<char, kFileHeader> buffer;
  const std::string_view bytes = TRY(file.read(0, buffer));
  std::memcpy(&raw, bytes.data(), bytes.size());
  if (bytes.size() < kFileHeader || raw.mark != kFileMark || raw.crc != header_crc(raw)) {
    const bool unborn = may_be_unborn && bytes.find_first_not_of('\0') == std::string_view::npos;
    if (!unborn) return fail(Errc::corrupt, "the head of the log's file {} is damaged", path);
    if (!read_only) ::unlink(path.c_str());
    return {};
  }
  segments_.push_back(std::make_shared<Segment>(std::move(file), raw));
  return {};
}

Status Journal::find_end(std::uint64_t applied, bool read_only) {
  writing_ = segments_.back();
  Segment& last = *writing_;
  const std::uint64_t size = TRY(last.file.size());
  std::uint64_t end = kFileHeader;
  last_frame_ = last.first_frame - 1;
  next_seq_ = last.first_seq;
  const Status walked = walk(last, kFileHeader, size, [&](const Frame& frame, std::string_view body, std::uint64_t at) {
    last.mark(frame, at);
    end = at + kFrameHeader + body.size();
    last_frame_ = frame.number;
    next_seq_ = frame.first_seq + frame.records;
    return true;
  });
  if (!walked && walked.error().code != Errc::corrupt) return walked;
  if (end < size) {
    const Status judged = judge_end(last, end, size, applied);
    if (!judged && !read_only) return judged;
    if (!judged) end = size;  // so that check() goes on behind the damage
    else if (!read_only) {
      base::log_warn("the last write was cut short: {} bytes behind commit {} are dropped", size - end, last_frame_);
      TRY(last.file.truncate(end));
    }
  }
  end_ = end;
  // What was accepted and not flushed before a crash is with the operating system; from here on it shall be on disk.
  if (!read_only) TRY(last.file.flush());
  flushed_end_ = end;
  flushed_frame_ = last_frame_;
  return {};
}

// Says whether what stands behind the last good frame is a write that was cut short. It is not when that frame is known
// to have been on disk: the tables have it, a later frame says so, or all its bytes are there and not as written.
Status Journal::judge_end(Segment& last, std::uint64_t at, std::uint64_t size, std::uint64_t applied) const {
  const auto damaged = [&] {
    return fail(Errc::corrupt, "the log is damaged behind record {} ({})", next_seq_ - 1, where(last.file, at));
  };
  if (applied > last_frame_) return damaged();
  std::string rest(size - at, '\0');
  rest.resize(TRY(last.file.read(at, rest)).size());
  if (const auto raw = frame_at(rest)) {
    const bool whole = rest.size() - kFrameHeader >= raw->body_bytes;
    const std::string_view body = std::string_view(rest).substr(kFrameHeader, raw->body_bytes);
    if (whole && !has_empty_sector(body, at + kFrameHeader)) return damaged();
  }
  for (std::size_t i = rest.find(kMarkText, 9); i != std::string::npos; i = rest.find(kMarkText, i + 1)) {
    const auto later = frame_at(std::string_view(rest).substr(i - 8));
    if (later && later->number > last_frame_ + 1 && later->flushed_to > last_frame_) return damaged();
  }
  return {};
}

Status Journal::walk(const Segment& segment, std::uint64_t from, std::uint64_t to, const FrameAt& callback,
                     const std::function<bool(const Frame&)>& passes_over) const {
  std::string buffer;
  std::string_view have;
  std::uint64_t at = from;
  Seq seq_before = 0;
  std::size_t step = kReadFirst;
  const auto fill = [&](std::size_t need) -> Status {
    if (have.size() >= need || at + have.size() >= to) return {};
    const std::size_t want = std::min<std::uint64_t>(std::max(need, step), to - at);
    step = kReadMost;
    if (want > buffer.size()) buffer.resize(want);
    have = TRY(segment.file.read(at, std::span(buffer).first(want)));
    return {};
  };
  const auto damaged = [&](const char* what) {
    const std::string behind = seq_before ? fmt::format("behind record {}", seq_before) : "at its beginning";
    return fail(Errc::corrupt, "the log is damaged {} ({}: {})", behind, where(segment.file, at), what);
  };
  while (at < to) {
    TRY(fill(kFrameHeader));
    const auto raw = frame_at(have);
    if (!raw) return damaged("no head of a commit");
    const std::uint64_t whole = kFrameHeader + raw->body_bytes;
    if (whole > to - at) return damaged("a commit is longer than its file");
    if (passes_over && passes_over(to_frame(*raw))) {
      seq_before = raw->first_seq + raw->records - 1;
      at += whole;
      have.remove_prefix(std::min<std::size_t>(whole, have.size()));
      continue;
    }
    TRY(fill(whole));
    if (have.size() < whole) return damaged("a commit is cut short");
    const std::string_view body = have.substr(kFrameHeader, raw->body_bytes);
    if (crc32c(body) != raw->body_crc) {
      if (raw->records == 0) return damaged("a commit does not match its checksum");
      return fail(Errc::corrupt, "records {} to {} of the log are damaged ({})", raw->first_seq,
                  raw->first_seq + raw->records - 1, where(segment.file, at));
    }
    if (!callback(to_frame(*raw), body, at)) return {};
    seq_before = raw->first_seq + raw->records - 1;
    at += whole;
    have.remove_prefix(whole);
  }
  return {};
}

std::vector<Journal::SegmentPtr> Journal::segments() const {
  const std::lock_guard lock(mutex_);
  return segments_;
}

std::uint64_t Journal::end_of(const Segment& segment) const {
  const std::lock_guard lock(mutex_);
  return segment.sealed_end ? segment.sealed_end : end_;
}

// Where in the file to begin so as not to miss the frame with this number, or the one that holds this record.
std::uint64_t Journal::start_in(const Segment& segment, std::uint64_t frame, Seq seq) const {
  const std::lock_guard lock(segment.mutex);
  std::uint64_t at = kFileHeader;
  const auto& marks = segment.marks;
  const auto behind = std::ranges::partition_point(
      marks, [&](const Segment::Mark& mark) { return seq ? mark.first_seq <= seq : mark.frame <= frame; });
  if (behind != marks.begin()) at = std::prev(behind)->at;
  return at;
}

Status Journal::read_records(Seq from, const std::function<bool(Seq, std::string_view)>& callback) const {
  const auto all = segments();
  from = std::max<Seq>(from, 1);
  auto first = std::ranges::partition_point(all, [&](const SegmentPtr& s) { return s->first_seq <= from; });
  if (first != all.begin()) --first;
  bool going = true;
  Status damaged;
  const auto before = [&](const Frame& frame) { return frame.first_seq + frame.records <= from; };
  for (auto it = first; it != all.end() && going && damaged; ++it) {
    const Segment& segment = **it;
    const auto take = [&](const Frame& frame, std::string_view body, std::uint64_t at) {
      segment.mark(frame, at);
      Seq seq = frame.first_seq;
      damaged = read_operations(body, [&](const Operation& operation) {
        if (operation.act != Act::append) return true;
        if (seq >= from) going = callback(seq, operation.value);
        ++seq;
        return going;
      });
      return going && damaged.has_value();
    };
    TRY(walk(segment, start_in(segment, 0, from), end_of(segment), take, before));
  }
  return damaged;
}

Status Journal::read_frames(std::uint64_t after, const FrameCallback& callback) const {
  const auto all = segments();
  auto first = std::ranges::partition_point(all, [&](const SegmentPtr& s) { return s->first_frame <= after + 1; });
  if (first != all.begin()) --first;
  bool going = true;
  for (auto it = first; it != all.end() && going; ++it) {
    const auto take = [&](const Frame& frame, std::string_view body, std::uint64_t) {
      return going = callback(frame, body);
    };
    TRY(walk(**it, start_in(**it, after + 1, 0), end_of(**it), take,
             [&](const Frame& frame) { return frame.number <= after; }));
  }
  return {};
}

Status Journal::check(const Damage& damage, const std::function<Status(Seq, std::string_view)>& read_record) const {
  for (const SegmentPtr& segment : segments()) {
    const std::uint64_t end = end_of(*segment);
    std::uint64_t at = kFileHeader, expected = segment->first_frame;
    while (at < end) {
      const Status walked = walk(*segment, at, end, [&](const Frame& frame, std::string_view body, std::uint64_t here) {
        if (frame.number != expected) {
          damage(
              fmt::format("commits {} to {} are missing ({})", expected, frame.number - 1, where(segment->file, here)));
        }
        if (const Status read = check_body(frame, body, read_record); !read) damage(read.error().message);
        expected = frame.number + 1;
        at = here + kFrameHeader + body.size();
        return true;
      });
      if (walked) break;
      if (walked.error().code != Errc::corrupt) return walked;
      damage(walked.error().message);
      const auto next = TRY(next_frame(*segment, at, end, expected));
      if (!next) break;
      at = next->first;
      expected = next->second;
    }
  }
  return {};
}

// Where the first good frame behind damage begins, and its number.
Result<std::optional<std::pair<std::uint64_t, std::uint64_t>>> Journal::next_frame(const Segment& segment,
                                                                                   std::uint64_t at, std::uint64_t end,
                                                                                   std::uint64_t number) const {
  std::string rest(end - at, '\0');
  const std::string_view bytes = TRY(segment.file.read(at, rest));
  for (std::size_t i = bytes.find(kMarkText, 9); i != std::string_view::npos; i = bytes.find(kMarkText, i + 1)) {
    const auto raw = frame_at(bytes.substr(i - 8));
    if (raw && raw->number >= number) return std::pair{at + i - 8, raw->number};
  }
  return std::nullopt;
}

Status Journal::append(std::string_view body, Seq first_seq, std::uint32_t records) {
  if (body.size() > (1u << 30)) return fail(Errc::full, "one commit may not be longer than a gigabyte");
  TRY(ready());
  RawFrame raw{};
  raw.body_crc = crc32c(body);
  raw.mark = kFrameMark;
  raw.body_bytes = std::uint32_t(body.size());
  raw.number = last_frame_ + 1;
  raw.first_seq = records ? first_seq : next_seq_;
  raw.records = records;
  raw.flushed_to = flushed_frame_;
  raw.header_crc = header_crc(raw);
  pending_ = {kFrameHeader + body.size(), records, false};
  return writing_->file.write(end_, bytes_of(raw), body);
}

Status Journal::flush() {
  if (broken_ && pending_.bytes == 0) return begin_segment();
  if (broken_) return fail(Errc::unavailable, "the disk fails: what was written last is not surely on it");
  if (flushed_end_ == end_ && pending_.bytes == 0) return {};
  if (auto flushed = writing_->file.flush(); !flushed) {
    broken_ = true;
    return flushed;
  }
  const std::lock_guard lock(mutex_);
  pending_.flushed = pending_.bytes > 0;
  flushed_end_ = end_;
  flushed_frame_ = last_frame_;
  return {};
}

Status Journal::flush_as_it_is() const {
  const SegmentPtr last = segments().back();
  return last->file.flush();
}

Status Journal::copy_to(const std::string& folder) const {
  const DiskFaults none;
  for (const Piece& piece : pieces()) {
    const auto all = segments();
    const auto mine = std::ranges::find_if(all, [&](const SegmentPtr& s) { return s->file.path() == piece.path; });
    if (mine == all.end()) continue;  // trimmed meanwhile
    const File copy = TRY(File::create(folder + "/" + std::filesystem::path(piece.path).filename().string(), none));
    std::string buffer(kReadMost, '\0');
    for (std::uint64_t at = 0; at < piece.bytes;) {
      const std::size_t want = std::min<std::uint64_t>(buffer.size(), piece.bytes - at);
      const std::string_view part = TRY((*mine)->file.read(at, std::span(buffer).first(want)));
      if (part.size() < want) return fail(Errc::corrupt, "{} is shorter than it was", piece.path);
      TRY(copy.write(at, part, {}));
      at += want;
    }
    TRY(copy.flush());
  }
  return flush_folder(folder, none);
}

void Journal::accept() {
  const std::lock_guard lock(mutex_);
  writing_->mark({last_frame_ + 1, next_seq_, pending_.records, 0}, end_);
  ++last_frame_;
  next_seq_ += pending_.records;
  end_ += pending_.bytes;
  if (pending_.flushed) flushed_end_ = end_, flushed_frame_ = last_frame_;
  pending_ = {};
}

// After a flush that failed nobody knows which bytes the disk has, and asking it again would be answered with a lie:
// the file is left behind, cut to what was accepted.
void Journal::take_back() {
  const std::lock_guard lock(mutex_);
  pending_ = {};
  if (!writing_->file.truncate(end_)) broken_ = true;
}

// Whether the last file takes a further frame; begins a new one when it is full or has failed.
Status Journal::ready() {
  if (!broken_ && end_ < options_.file_max_bytes) return {};
  if (!broken_) {
    TRY(flush());
  }
  return begin_segment();
}

// Frames that were accepted but never flushed: read back, checked, and written into the new file.
Status Journal::carry_over(const Segment& from, Segment& to, std::uint64_t& end) {
  Status written;
  TRY(walk(from, flushed_end_, end_, [&](const Frame& frame, std::string_view body, std::uint64_t) {
    RawFrame raw{};
    raw.body_crc = crc32c(body);
    raw.mark = kFrameMark;
    raw.body_bytes = std::uint32_t(body.size());
    raw.number = frame.number;
    raw.first_seq = frame.first_seq;
    raw.records = frame.records;
    raw.flushed_to = flushed_frame_;
    raw.header_crc = header_crc(raw);
    written = to.file.write(end, bytes_of(raw), body);
    end += kFrameHeader + body.size();
    return written.has_value();
  }));
  return written;
}

Status Journal::begin_segment() {
  RawFile raw{};
  raw.mark = kFileMark;
  raw.first_frame = last_frame_ + 1;
  raw.first_seq = next_seq_;
  if (writing_) {
    const Segment& last = *writing_;
    raw.first_frame = flushed_frame_ + 1;
    raw.before_first_frame = last.first_frame;
    raw.before_end = flushed_end_;
    raw.before_last_frame = flushed_frame_;
    if (flushed_frame_ != last_frame_) {
      TRY(walk(last, flushed_end_, end_, [&](const Frame& frame, std::string_view, std::uint64_t) {
        raw.first_seq = frame.first_seq;
        return false;
      }));
    }
  }
  raw.crc = header_crc(raw);
  std::string path = fmt::format("{}/{:020}.journal", folder_, raw.first_frame);
  for (char suffix = 'a'; std::filesystem::exists(path) && suffix <= 'z'; ++suffix) {
    path = fmt::format("{}/{:020}{}.journal", folder_, raw.first_frame, suffix);
  }
  auto file = File::create(path, options_.faults);
  if (!file) return std::unexpected(file.error());
  auto fresh = std::make_shared<Segment>(std::move(*file), raw);
  std::uint64_t end = kFileHeader;
  const auto make = [&]() -> Status {
    if (writing_ && flushed_frame_ != last_frame_) TRY(carry_over(*writing_, *fresh, end));
    TRY(fresh->file.write(0, bytes_of(raw), {}));
    TRY(fresh->file.flush());
    return flush_folder(folder_, options_.faults);
  };
  if (const Status made = make(); !made) {
    ::unlink(path.c_str());
    return made;
  }
  const std::lock_guard lock(mutex_);
  if (writing_) writing_->sealed_end = flushed_end_;
  writing_ = std::move(fresh);
  segments_.push_back(writing_);
  end_ = flushed_end_ = end;
  flushed_frame_ = last_frame_;
  broken_ = false;
  return {};
}

std::uint64_t Journal::last_frame() const {
  const std::lock_guard lock(mutex_);
  return last_frame_;
}
Seq Journal::last_seq() const {
  const std::lock_guard lock(mutex_);
  return next_seq_ - 1;
}
Seq Journal::first_seq() const {
  const std::lock_guard lock(mutex_);
  return segments_.empty() ? 1 : segments_.front()->first_seq;
}

std::uint64_t Journal::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = end_;
  for (const SegmentPtr& segment : segments_) bytes += segment->sealed_end;
  return bytes;
}

std::vector<Journal::Piece> Journal::pieces() const {
  const std::lock_guard lock(mutex_);
  std::vector<Piece> out;
  for (const SegmentPtr& s : segments_) {
    const bool last = s == segments_.back();
    out.push_back({s->file.path(), s->first_frame, s->first_seq, last ? end_ : s->sealed_end, last});
  }
  return out;
}

Status Journal::trim(Seq before, std::uint64_t applied) {
  std::vector<SegmentPtr> gone;
  {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    while (count + 1 < segments_.size() && segments_[count + 1]->first_seq <= before &&
           segments_[count + 1]->first_frame <= applied + 1) {
      ++count;
    }
    gone.assign(segments_.begin(), segments_.begin() + std::ptrdiff_t(count));
    segments_.erase(segments_.begin(), segments_.begin() + std::ptrdiff_t(count));
  }
  for (const SegmentPtr& segment : gone) {
    if (::unlink(segment->file.path().c_str()) != 0) return disk_error("remove", segment->file.path(), errno);
  }
  return gone.empty() ? Status{} : flush_folder(folder_, options_.faults);
}

}  // namespace cityloop::store
