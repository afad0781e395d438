// The journal: every commit in order, in files of some 64 MB. It alone makes a write durable; the log of the city is
// read from it, and the tables are mended from it after a crash.
//
//   Store ─ Batch ─▶ [Journal] ─▶ NUMBER.journal …        readers ◀─ records, frames
//
// A frame is one commit: a checked header and a checked body. A frame that failed to be written or flushed never counts
// again: the file is cut back to what was accepted, or, when the disk will not even do that, a new file says where the
// old one ends. At opening, a last frame that is only half there is a write that was cut short, and is dropped;
// anything else that does not read as it was written is damage, and is named.
//
// One thread writes; any thread reads.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "store/batch.h"
#include "store/disk.h"

namespace cityloop::store {

struct Frame {
  std::uint64_t number{0};  // of the commit, from 1
  Seq first_seq{0};         // that its first record has, or the next one would have
  std::uint32_t records{0};
  std::uint64_t flushed_to{0};  // frames up to this one were on disk when it was written
};

struct JournalOptions {
  std::uint64_t file_max_bytes{64u << 20};
  DiskFaults faults;
};

class Journal {
 public:
  using FrameCallback = std::function<bool(const Frame&, std::string_view body)>;
  using Damage = std::function<void(std::string)>;

  // Finds the end. `applied` is the last frame that the tables have: it was on disk, so that its lack is damage.
  // `read_only` leaves the files as they are, for another process may be writing.
  static base::Result<std::unique_ptr<Journal>> open(const std::string& folder, const JournalOptions&,
                                                     std::uint64_t applied, bool read_only);
  ~Journal();

  // Writes a frame behind the last accepted one. It counts once accept() is called; take_back() undoes it.
  base::Status append(std::string_view body, Seq first_seq, std::uint32_t records);
  base::Status flush();
  // Any thread: what has been written by now is on disk when it returns.
  base::Status flush_as_it_is() const;
  void accept();
  void take_back();

  std::uint64_t last_frame() const;
  Seq last_seq() const;   // 0 when no record was ever written
  Seq first_seq() const;  // of the oldest record kept, or that the next will have
  std::uint64_t bytes() const;

  // From the frame that holds `from`, or the first after it. Damage is an error that names it.
  base::Status read_records(Seq from, const std::function<bool(Seq, std::string_view)>&) const;
  base::Status read_frames(std::uint64_t after, const FrameCallback&) const;
  // Reads all of it; tells each damage and goes on behind it.
  base::Status check(const Damage&, const std::function<base::Status(Seq, std::string_view)>& read_record) const;

  struct Piece {
    std::string path;
    std::uint64_t first_frame{0};
    Seq first_seq{0};
    std::uint64_t bytes{0};  // that count
    bool last{false};
  };
  std::vector<Piece> pieces() const;
  // Copies what is accepted by now into another folder.
  base::Status copy_to(const std::string& folder) const;
  // Removes files that hold no record from `before` on and no frame after `applied`.
  base::Status trim(Seq before, std::uint64_t applied);

 private:
  struct Segment;
  using SegmentPtr = std::shared_ptr<Segment>;

  Journal(std::string folder, const JournalOptions& options) : folder_(std::move(folder)), options_(options) {}
  base::Status load(bool read_only);
  base::Status load_segment(const std::string& path, bool may_be_unborn, bool read_only);
  base::Status find_end(std::uint64_t applied, bool read_only);
  base::Status judge_end(Segment&, std::uint64_t at, std::uint64_t size, std::uint64_t applied) const;
  using FrameAt = std::function<bool(const Frame&, std::string_view body, std::uint64_t at)>;
  // Bodies of frames that are passed over are not looked at.
  base::Status walk(const Segment&, std::uint64_t from, std::uint64_t to, const FrameAt&,
                    const std::function<bool(const Frame&)>& passes_over = {}) const;
  base::Result<std::optional<std::pair<std::uint64_t, std::uint64_t>>> next_frame(const Segment&, std::uint64_t at,
                                                                                  std::uint64_t end,
                                                                                  std::uint64_t number) const;
  base::Status begin_segment();
  base::Status carry_over(const Segment& from, Segment& to, std::uint64_t& end);
  base::Status ready();
  std::vector<SegmentPtr> segments() const;
  std::uint64_t start_in(const Segment&, std::uint64_t frame, Seq seq) const;
  std::uint64_t end_of(const Segment&) const;

  const std::string folder_;
  const JournalOptions options_;
  mutable std::mutex mutex_;  // guards segments_ and the ends
  std::vector<SegmentPtr> segments_;
  SegmentPtr writing_;            // the last one; only the writer looks here
  std::uint64_t end_{0};          // of the last segment: what is accepted
  std::uint64_t flushed_end_{0};  // of the last segment: what is surely on disk
  std::uint64_t last_frame_{0}, flushed_frame_{0};
  Seq next_seq_{1};

  struct Pending {
    std::uint64_t bytes{0};
    std::uint32_t records{0};
    bool flushed{false};
  };
  Pending pending_;
  bool broken_{false};  // the last file takes no more: a new one begins with the next frame
};

}  // namespace cityloop::store
