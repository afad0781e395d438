// The files of a GTFS feed, from a ZIP or a folder into memory, and back into a ZIP.
//
//   zip | folder ─▶ [GtfsFiles] ─▶ gtfs_import          gtfs_export ─▶ [write_gtfs_zip] ─▶ zip
//
// What comes from outside is distrusted: a ZIP is refused whole when a name in it leaves its folder or stands twice,
// when it is encrypted, or when it unpacks to more than the limits; what is unpacked is counted, never only what the
// ZIP says. GTFS wants its files at the top; a single folder around them, as many publishers send it, is taken off.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::traffic {

struct ArchiveLimits {
  std::uint64_t packed_bytes_max{1ULL << 30};
  std::uint64_t file_bytes_max{3ULL << 30};
  std::uint64_t total_bytes_max{4ULL << 30};
  std::size_t files_max{200};
  double ratio_max{200};  // unpacked to packed, for what unpacks to more than ratio_free_bytes
  std::uint64_t ratio_free_bytes{16ULL << 20};
};

struct GtfsFiles {
  std::map<std::string, std::string> content;  // "stops.txt" → its bytes; only *.txt
  std::vector<std::string> passed_over;        // names of what is no table
  std::uint64_t bytes() const;
};

// `path` is a folder or a ZIP.
base::Result<GtfsFiles> read_gtfs_files(const std::string& path, const ArchiveLimits& = {});
base::Result<GtfsFiles> read_gtfs_zip(std::string_view zip, const ArchiveLimits& = {});
// The same files give the same bytes: each is dated `at`.
base::Result<std::string> write_gtfs_zip(const std::map<std::string, std::string>& content, base::Instant at);

}  // namespace cityloop::traffic
