#include "sense/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

namespace cityloop::sense {

using base::Errc;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr int kGzipWindow = 15 + 16;  // zlib: gzip wrapper, largest window

}  // namespace

struct ByteSource::Inside {
  std::string name;
  int file{-1};
  std::uint64_t size{0}, done{0};
  std::vector<char> packed = std::vector<char>(kChunk);
  std::size_t from{0}, until{0};  // what of `packed` is still to be used
  bool file_ended{false};
  bool gzip{false};
  bool between_members{true};
  z_stream zip{};
  std::optional<base::Error> broken;

  ~Inside() {
    if (gzip) ::inflateEnd(&zip);
    if (file >= 0) ::close(file);
  }

  Result<std::size_t> fill();
  Result<std::size_t> unpack(char* to, std::size_t most);
  Result<bool> begin_member();
  std::unexpected<base::Error> damage(std::string_view what) {
    broken = base::Error{Errc::corrupt, fmt::format("{}: {}", name, what)};
    return std::unexpected(*broken);
  }
};

// More of the file after what is left of `packed`; gives what is there then, 0 at the end.
Result<std::size_t> ByteSource::Inside::fill() {
  std::memmove(packed.data(), packed.data() + from, until - from);
  until -= from;
  from = 0;
  while (until < packed.size() && !file_ended) {
    const ssize_t got = ::read(file, packed.data() + until, packed.size() - until);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      broken = base::Error{Errc::unavailable, fmt::format("{}: {}", name, std::strerror(errno))};
      return std::unexpected(*broken);
    }
    file_ended = got == 0;
    until += std::size_t(got);
    done += std::uint64_t(got);
    if (got > 0) break;
  }
  return until - from;
}

// A gzip file may be several in a row, and padded with zeros at its end (RFC 1952, 2.2). False at the end.
Result<bool> ByteSource::Inside::begin_member() {
  for (;;) {
    while (until - from < 2 && !file_ended) TRY(fill());
    if (until == from) return false;
    if (std::uint8_t(packed[from]) == 0x1f) break;
    if (packed[from] != 0) return damage("what follows the gzip data is no gzip");
    ++from;
  }
  if (::inflateReset2(&zip, kGzipWindow) != Z_OK) return damage("zlib cannot start");
  between_members = false;
  return true;
}

Result<std::size_t> ByteSource::Inside::unpack(char* to, std::size_t most) {
  zip.next_out = reinterpret_cast<Bytef*>(to);
  zip.avail_out = uInt(most);
  while (zip.avail_out == most) {
    if (between_members && !TRY(begin_member())) return 0;
    if (from == until && TRY(fill()) == 0) return damage("the gzip data is cut short");
    zip.next_in = reinterpret_cast<Bytef*>(packed.data() + from);
    zip.avail_in = uInt(until - from);
    const int answer = ::inflate(&zip, Z_NO_FLUSH);
    from = until - zip.avail_in;
    if (answer == Z_STREAM_END) between_members = true;
    else if (answer != Z_OK && answer != Z_BUF_ERROR) {
      const auto told = damage(fmt::format("the gzip data is damaged ({})", zip.msg ? zip.msg : "zlib's check fails"));
      if (zip.avail_out == most) return told;
    }
  }
  return most - zip.avail_out;
}

ByteSource::ByteSource(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
ByteSource::~ByteSource() = default;

Result<std::unique_ptr<ByteSource>> ByteSource::open(const std::filesystem::path& path) {
  auto inside = std::make_unique<Inside>();
  inside->name = path.string();
  inside->file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (inside->file < 0 || ::fstat(inside->file, &about) != 0) {
    return fail(errno == ENOENT ? Errc::not_found : Errc::unavailable, "{}: {}", path.string(), std::strerror(errno));
  }
  if (S_ISDIR(about.st_mode)) return fail(Errc::invalid, "{} is a folder, not a file", path.string());
  inside->size = std::uint64_t(about.st_size);
  ::posix_fadvise(inside->file, 0, 0, POSIX_FADV_SEQUENTIAL);
  while (inside->until < 2 && !inside->file_ended) TRY(inside->fill());
  if (inside->until >= 2 && std::memcmp(inside->packed.data(), "\x1f\x8b", 2) == 0) {
    if (::inflateInit2(&inside->zip, kGzipWindow) != Z_OK)
      return fail(Errc::full, "{}: zlib cannot start", path.string());
    inside->gzip = true;
  }
  return std::unique_ptr<ByteSource>(new ByteSource(std::move(inside)));
}

Result<std::string> ByteSource::read_all(const std::filesystem::path& path) {
  constexpr std::size_t kPart = std::size_t{1} << 20;
  const auto source = TRY(open(path));
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kPart);
    const std::size_t got = TRY(source->read(text.data() + before, kPart));
    text.resize(before + got);
    if (got == 0) return text;
  }
}

Result<std::size_t> ByteSource::read(char* to, std::size_t most) {
  Inside& in = *inside_;
  if (in.broken) return std::unexpected(*in.broken);
  if (in.gzip) return in.unpack(to, most);
  if (in.from == in.until && TRY(in.fill()) == 0) return 0;
  const std::size_t given = std::min(most, in.until - in.from);
  std::memcpy(to, in.packed.data() + in.from, given);
  in.from += given;
  return given;
}

std::uint64_t ByteSource::file_bytes() const {
  return inside_->size;
}
std::uint64_t ByteSource::file_bytes_done() const {
  return inside_->done - (inside_->until - inside_->from);
}

}  // namespace cityloop::sense
