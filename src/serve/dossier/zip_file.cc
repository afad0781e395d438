#include "serve/dossier/zip_file.h"

#include <zip.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Result;

struct Source {
  zip_source_t* is{nullptr};
  ~Source() {
    if (is) zip_source_free(is);
  }
};

// By the calendar of UTC: libzip's own way goes by the machine's zone.
std::pair<zip_uint16_t, zip_uint16_t> dos_time(base::Instant at) {
  using namespace std::chrono;
  const auto day = floor<days>(std::max(at, base::Instant(sys_days(year{1980} / 1 / 1))));
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(std::max(at, base::Instant(day)) - day));
  const unsigned time = unsigned(clock.hours().count()) << 11 | unsigned(clock.minutes().count()) << 5 |
                        unsigned(clock.seconds().count()) / 2;
  const unsigned year_part = unsigned(int(date.year()) - 1980);
  return {zip_uint16_t(time), zip_uint16_t(year_part << 9 | unsigned(date.month()) << 5 | unsigned(date.day()))};
}

base::Status add(zip_t* zip, const PackedFile& file, base::Instant at) {
  zip_source_t* const content = zip_source_buffer(zip, file.content.data(), file.content.size(), 0);
  if (!content) return fail(Errc::unavailable, "the ZIP has no room for {}", file.name);
  const zip_int64_t place = zip_file_add(zip, file.name.c_str(), content, ZIP_FL_ENC_UTF_8);
  if (place < 0) {
    zip_source_free(content);
    return fail(Errc::unavailable, "the ZIP does not take {}: {}", file.name, zip_strerror(zip));
  }
  const auto [time, date] = dos_time(at);
  zip_file_set_dostime(zip, zip_uint64_t(place), time, date, 0);
  zip_file_set_external_attributes(zip, zip_uint64_t(place), 0, ZIP_OPSYS_UNIX, 0100644u << 16);
  zip_set_file_compression(zip, zip_uint64_t(place), file.packed_already ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 6);
  return {};
}

Result<std::string> content_of(zip_source_t* source) {
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

}  // namespace

Result<std::string> make_zip(std::span<const PackedFile> files, base::Instant at) {
  zip_error_t error;
  zip_error_init(&error);
  Source source{zip_source_buffer_create(nullptr, 0, 0, &error)};
  if (!source.is) return fail(Errc::unavailable, "no memory for a ZIP");
  zip_t* const zip = zip_open_from_source(source.is, ZIP_TRUNCATE, &error);
  if (!zip) return fail(Errc::unavailable, "the ZIP was not begun: {}", zip_error_strerror(&error));
  zip_source_keep(source.is);  // it outlives the archive that is written into it
  for (const PackedFile& file : files) {
    if (auto added = add(zip, file, at); !added) {
      zip_discard(zip);
      return std::unexpected(added.error());
    }
  }
  if (zip_close(zip) < 0) {
    auto failed = fail(Errc::unavailable, "the ZIP was not written: {}", zip_strerror(zip));
    zip_discard(zip);
    return failed;
  }
  return content_of(source.is);
}

}  // namespace cityloop::serve
