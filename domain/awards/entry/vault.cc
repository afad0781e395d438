#include "domain/awards/entry/vault.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/refusal.h"
#include "trust/secret.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::refuse;
using base::Result;
using base::Status;

struct Descriptor {
  explicit Descriptor(int is_) : is(is_) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (is >= 0) ::close(is);
  }
  int is;
};

std::unexpected<base::Error> trouble(std::string_view what) {
  const Errc code = errno == ENOSPC || errno == EDQUOT ? Errc::full
                    : errno == ENOENT                  ? Errc::not_found
                                                       : Errc::unavailable;
  return fail(code, "{}: {}", what, std::strerror(errno));
}

bool is_id(std::string_view id) {
  return id.size() == 24 && id.find_first_not_of("0123456789abcdef") == id.npos;
}

Status sync_folder(const std::string& folder) {
  const Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (held.is < 0 || ::fsync(held.is) != 0) return trouble("the folder of files");
  return {};
}

}  // namespace

Result<Vault> Vault::open(const std::string& folder, std::uint64_t reserve_bytes) {
  for (const char* part : {"/files", "/uploads", "/blind", "/scratch"}) {
    std::error_code error;
    std::filesystem::create_directories(folder + part, error);
    if (error) return fail(Errc::unavailable, "{}{}: {}", folder, part, error.message());
    ::chmod((folder + part).c_str(), 0700);
  }
  return Vault(folder, reserve_bytes);
}

std::string Vault::path(std::string_view id) const {
  assert(is_id(id));
  return fmt::format("{}/files/{}", folder_, id);
}

std::string Vault::upload_path(std::string_view id) const {
  assert(is_id(id));
  return fmt::format("{}/uploads/{}", folder_, id);
}

Status Vault::begin(std::string_view id, std::uint64_t bytes, std::uint64_t others_to_come) const {
  std::error_code error;
  const auto room = std::filesystem::space(folder_, error);
  if (error) return fail(Errc::unavailable, "{}: {}", folder_, error.message());
  if (room.available < bytes + others_to_come + reserve_)
    return refuse(Errc::full, "目前没有 {} 字节的空间：请稍后再来",
                  "there is no room for {} bytes at present; come again later", bytes);
  const Descriptor made(::open(upload_path(id).c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (made.is < 0) return trouble("an upload cannot begin");
  return {};
}

Result<std::uint64_t> Vault::received(std::string_view id) const {
  struct stat about;
  if (::stat(upload_path(id).c_str(), &about) != 0) return trouble("the upload");
  return std::uint64_t(about.st_size);
}

Result<std::uint64_t> Vault::take(std::string_view id, std::uint64_t offset, std::string_view part) const {
  const std::uint64_t have = TRY(received(id));
  if (offset + part.size() <= have) return have;
  if (offset != have)
    return refuse(Errc::conflict, "已收到 {} 字节：下一段从 {} 开始", "{} bytes are there: the next part begins at {}",
                  have, have);
  const Descriptor file(::open(upload_path(id).c_str(), O_WRONLY | O_CLOEXEC));
  if (file.is < 0) return trouble("the upload");
  for (std::size_t done = 0; done < part.size();) {
    const ssize_t put = ::pwrite(file.is, part.data() + done, part.size() - done, off_t(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const auto told = trouble("a part of the upload");
      (void)::ftruncate(file.is, off_t(have));
      return told;
    }
    done += std::size_t(put);
  }
  return have + part.size();
}

Result<std::string> Vault::seal(std::string_view id) const {
  const std::uint64_t bytes = TRY(received(id));
  const Descriptor file(::open(upload_path(id).c_str(), O_RDONLY | O_CLOEXEC));
  if (file.is < 0 || ::fsync(file.is) != 0) return trouble("the upload");
  if (bytes == 0) return trust::fingerprint("");
  // Mapped, so that a film takes no memory of its own.
  void* const seen = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.is, 0);
  if (seen == MAP_FAILED) return trouble("the upload");
  std::string out = trust::fingerprint({static_cast<const char*>(seen), bytes});
  ::munmap(seen, bytes);
  return out;
}

Status Vault::keep(std::string_view id) const {
  if (::rename(upload_path(id).c_str(), path(id).c_str()) != 0) return trouble("the file cannot be put in its place");
  return sync_folder(folder_ + "/files");
}

void Vault::drop_upload(std::string_view id) const {
  ::unlink(upload_path(id).c_str());
}

void Vault::drop(std::string_view id) const {
  ::unlink(path(id).c_str());
  drop_blind(id);
}

std::string Vault::blind_path(std::string_view id) const {
  assert(is_id(id));
  return fmt::format("{}/blind/{}", folder_, id);
}

Status Vault::keep_blind(std::string_view id, std::string_view bytes) const {
  return base::write_file_atomic(blind_path(id), bytes);
}

Result<std::string> Vault::read_blind(std::string_view id) const {
  return base::read_file(blind_path(id));
}

void Vault::drop_blind(std::string_view id) const {
  ::unlink(blind_path(id).c_str());
}

Result<std::string> Vault::read(std::string_view id, std::uint64_t from, std::uint64_t bytes) const {
  const Descriptor file(::open(path(id).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about;
  if (file.is < 0 || ::fstat(file.is, &about) != 0) return trouble("the file");
  const auto size = std::uint64_t(about.st_size);
  std::string out(from < size ? std::min(bytes, size - from) : 0, '\0');
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t got = ::pread(file.is, out.data() + done, out.size() - done, off_t(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return trouble("the file");
    done += std::size_t(got);
  }
  return out;
}

}  // namespace cityloop::awards
