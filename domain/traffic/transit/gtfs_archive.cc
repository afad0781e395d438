#include "domain/traffic/transit/gtfs_archive.h"

#include <zip.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "base/file.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
namespace fs = std::filesystem;

struct CloseZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using ZipPtr = std::unique_ptr<zip_t, CloseZip>;
using EntryPtr = std::unique_ptr<zip_file_t, CloseEntry>;

Status check_name(std::string_view name) {
  if (name.empty() || name.starts_with('/') || name.contains('\\') || name.contains('\0') || name.contains(':'))
    return fail(Errc::refused, "the ZIP holds '{}': a name that leaves its folder", name);
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..")
      return fail(Errc::refused, "the ZIP holds '{}': a name that leaves its folder", name);
    begin = end + 1;
  }
  return {};
}

bool is_table(std::string_view name) {
  return name.ends_with(".txt");
}

// Publishers' machines leave these beside the tables.
bool is_litter(std::string_view name) {
  return name.starts_with("__MACOSX/") || name.ends_with(".DS_Store") || name.ends_with('/');
}

// The one folder around all tables, with its '/'; empty when they stand at the top.
std::string common_folder(const std::vector<std::string>& names) {
  std::string folder;
  for (const std::string& name : names) {
    if (is_litter(name) || !is_table(name)) continue;
    const std::size_t slash = name.find('/');
    if (slash == name.npos) return "";
    if (folder.empty()) folder = name.substr(0, slash + 1);
    else if (!name.starts_with(folder)) return "";
  }
  return folder;
}

Result<std::string> unpack(zip_t* zip, const zip_stat_t& stat, const ArchiveLimits& limits, std::uint64_t left) {
  if (stat.encryption_method != ZIP_EM_NONE) return fail(Errc::refused, "the ZIP's {} is encrypted", stat.name);
  const EntryPtr file(zip_fopen_index(zip, stat.index, 0));
  if (!file) return fail(Errc::malformed, "the ZIP's {} does not open: {}", stat.name, zip_strerror(zip));
  const std::uint64_t by_ratio =
      std::max(limits.ratio_free_bytes, std::uint64_t(limits.ratio_max * double(stat.comp_size)));
  const std::uint64_t max = std::min({limits.file_bytes_max, left, by_ratio});
  std::string out;
  std::size_t size = 0;
  for (;;) {
    if (size > max)
      return fail(Errc::refused, "the ZIP's {} unpacks to more than {} bytes from {}: refused", stat.name, max,
                  stat.comp_size);
    if (out.size() - size < 65536) out.resize(std::max<std::size_t>({out.size() * 2, 1 << 20, size + 65536}));
    const zip_int64_t got = zip_fread(file.get(), out.data() + size, std::min<std::size_t>(out.size() - size, 8 << 20));
    if (got < 0)
      return fail(Errc::corrupt, "the ZIP's {} does not unpack: {}", stat.name, zip_file_strerror(file.get()));
    if (got == 0) break;
    size += std::size_t(got);
  }
  out.resize(size);
  return out;
}

Result<GtfsFiles> unpack_all(zip_t* zip, const ArchiveLimits& limits) {
  const zip_int64_t count = zip_get_num_entries(zip, 0);
  if (count < 0 || std::size_t(count) > limits.files_max)
    return fail(Errc::refused, "the ZIP holds {} files; {} are the most that is taken", count, limits.files_max);
  std::vector<zip_stat_t> stats(static_cast<std::size_t>(count));
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < stats.size(); ++i) {
    zip_stat_init(&stats[i]);
    if (zip_stat_index(zip, i, 0, &stats[i]) < 0) return fail(Errc::malformed, "the ZIP's list of files is damaged");
    names.emplace_back(stats[i].name);
    TRY(check_name(names.back()));
    if (!seen.insert(names.back()).second) return fail(Errc::refused, "the ZIP holds {} twice", names.back());
  }
  const std::string folder = common_folder(names);
  GtfsFiles out;
  std::uint64_t left = limits.total_bytes_max;
  for (std::size_t i = 0; i < stats.size(); ++i) {
    std::string name = names[i].starts_with(folder) ? names[i].substr(folder.size()) : names[i];
    if (is_litter(names[i])) continue;
    if (!is_table(name) || name.contains('/')) {
      out.passed_over.push_back(names[i]);
      continue;
    }
    std::string content = TRY(unpack(zip, stats[i], limits, left));
    left -= content.size();
    out.content.emplace(std::move(name), std::move(content));
  }
  std::sort(out.passed_over.begin(), out.passed_over.end());
  return out;
}

Result<GtfsFiles> read_folder(const fs::path& folder, const ArchiveLimits& limits) {
  GtfsFiles out;
  std::error_code error;
  std::uint64_t left = limits.total_bytes_max;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file(error) || !is_table(name)) {
      out.passed_over.push_back(name);
      continue;
    }
    const std::uint64_t size = entry.file_size(error);
    if (error || size > std::min(limits.file_bytes_max, left))
      return fail(Errc::refused, "{} is larger than what is taken", entry.path().string());
    left -= size;
    out.content.emplace(name, TRY(base::read_file(entry.path())));
  }
  if (error) return fail(Errc::not_found, "{}: {}", folder.string(), error.message());
  std::sort(out.passed_over.begin(), out.passed_over.end());
  return out;
}

Status add_entry(zip_t* zip, const std::string& name, const std::string& content, base::Instant at) {
  zip_source_t* const source = zip_source_buffer(zip, content.data(), content.size(), 0);
  if (!source) return fail(Errc::unavailable, "the ZIP has no room for {}", name);
  const zip_int64_t place = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (place < 0) {
    zip_source_free(source);
    return fail(Errc::unavailable, "the ZIP does not take {}: {}", name, zip_strerror(zip));
  }
  // By the calendar of UTC: libzip's own way goes by the machine's zone.
  using namespace std::chrono;
  const auto day = floor<days>(std::max(at, base::Instant(sys_days(year{1980} / 1 / 1))));
  const year_month_day date(day);
  const auto date_part = unsigned(int(date.year()) - 1980) << 9 | unsigned(date.month()) << 5 | unsigned(date.day());
  zip_file_set_dostime(zip, zip_uint64_t(place), 0, zip_uint16_t(date_part), 0);
  zip_file_set_external_attributes(zip, zip_uint64_t(place), 0, ZIP_OPSYS_UNIX, 0100644u << 16);
  zip_set_file_compression(zip, zip_uint64_t(place), ZIP_CM_DEFLATE, 6);
  return {};
}

}  // namespace

std::uint64_t GtfsFiles::bytes() const {
  std::uint64_t out = 0;
  for (const auto& [name, text] : content) out += text.size();
  return out;
}

Result<GtfsFiles> read_gtfs_zip(std::string_view bytes, const ArchiveLimits& limits) {
  if (bytes.size() > limits.packed_bytes_max)
    return fail(Errc::refused, "a ZIP of {} bytes; {} are the most that is taken", bytes.size(),
                limits.packed_bytes_max);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (!source) return fail(Errc::unavailable, "no memory for a ZIP");
  const ZipPtr zip(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!zip) {
    zip_source_free(source);
    auto failed = fail(Errc::malformed, "this is no sound ZIP: {}", zip_error_strerror(&error));
    zip_error_fini(&error);
    return failed;
  }
  return unpack_all(zip.get(), limits);
}

Result<GtfsFiles> read_gtfs_files(const std::string& path, const ArchiveLimits& limits) {
  std::error_code error;
  if (fs::is_directory(path, error)) return read_folder(path, limits);
  const std::uint64_t size = fs::file_size(path, error);
  if (error) return fail(Errc::not_found, "{}: {}", path, error.message());
  if (size > limits.packed_bytes_max)
    return fail(Errc::refused, "{} has {} bytes; {} are the most that is taken", path, size, limits.packed_bytes_max);
  const std::string bytes = TRY(base::read_file(path));
  return read_gtfs_zip(bytes, limits);
}

Result<std::string> write_gtfs_zip(const std::map<std::string, std::string>& content, base::Instant at) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (!source) return fail(Errc::unavailable, "no memory for a ZIP");
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(source, zip_source_free);
  ZipPtr zip(zip_open_from_source(source, ZIP_TRUNCATE, &error));
  if (!zip) return fail(Errc::unavailable, "the ZIP was not begun: {}", zip_error_strerror(&error));
  zip_source_keep(source);  // it outlives the archive that is written into it
  for (const auto& [name, text] : content) TRY(add_entry(zip.get(), name, text, at));
  if (zip_close(zip.get()) < 0) return fail(Errc::unavailable, "the ZIP was not written: {}", zip_strerror(zip.get()));
  (void)zip.release();  // closed by that
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_source_stat(source, &stat) < 0 || zip_source_open(source) < 0)
    return fail(Errc::unavailable, "the ZIP was not made");
  std::string out(stat.size, '\0');
  const zip_int64_t read = zip_source_read(source, out.data(), out.size());
  zip_source_close(source);
  if (read != zip_int64_t(out.size())) return fail(Errc::unavailable, "the ZIP was not made whole");
  return out;
}

}  // namespace cityloop::traffic
