// Files of proposals on disk, outside of everything that is served as it lies there: DATA/awards/files/ID, what is on
// its way in DATA/awards/uploads/ID, and what jurors of a double-blind cycle get instead of a file in
// DATA/awards/blind/ID.
//
//   begin (how large?) ─▶ parts of at most kPartMax, each behind the last ─▶ finish ─▶ SHA-256, and in its place
//
// A file comes in parts, so neither memory nor a connection must hold all of it, and one that was cut off goes on where
// it stopped. What is too large for its place, or would fill the disk, is refused before its first byte. No name that
// somebody gave is ever a path. One caller at a time for each id; ids are those of make_id().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::awards {

inline constexpr std::size_t kPartMax = std::size_t{8} << 20;

class Vault {
 public:
  // Makes the folders. At least `reserve_bytes` of the disk stay free.
  static base::Result<Vault> open(const std::string& folder, std::uint64_t reserve_bytes = std::uint64_t{1} << 30);

  // Errc::full where there is no room for so much, and for what else is on its way.
  base::Status begin(std::string_view id, std::uint64_t bytes, std::uint64_t others_to_come) const;
  base::Result<std::uint64_t> received(std::string_view id) const;  // bytes that are there
  // Errc::conflict where the part does not begin where the last ended; one that is there already is passed over.
  base::Result<std::uint64_t> take(std::string_view id, std::uint64_t offset, std::string_view part) const;
  // On disk, with its SHA-256 in hex. Still on its way: keep() puts it in its place, drop_upload() forgets it.
  base::Result<std::string> seal(std::string_view id) const;
  base::Status keep(std::string_view id) const;
  void drop_upload(std::string_view id) const;
  void drop(std::string_view id) const;  // and its blind copy

  base::Status keep_blind(std::string_view id, std::string_view bytes) const;
  base::Result<std::string> read_blind(std::string_view id) const;  // Errc::not_found where none was made
  void drop_blind(std::string_view id) const;
  std::string scratch() const { return folder_ + "/scratch"; }  // for what is not to last

  std::string path(std::string_view id) const;
  std::string upload_path(std::string_view id) const;
  // Bytes from … up to, never more than there are.
  base::Result<std::string> read(std::string_view id, std::uint64_t from, std::uint64_t bytes) const;

 private:
  Vault(std::string folder, std::uint64_t reserve) : folder_(std::move(folder)), reserve_(reserve) {}
  std::string blind_path(std::string_view id) const;
  std::string folder_;
  std::uint64_t reserve_;
};

}  // namespace cityloop::awards
