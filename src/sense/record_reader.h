// Cuts a file into records: lines of NDJSON, or rows of CSV (RFC 4180: quotes, quotes doubled inside of them, line ends
// inside of them; CRLF or LF; a byte order mark; blank lines passed over).
//
// Memory is bounded by line_max_bytes whatever the file holds. One bad record never hides the next: a line that is too
// long is passed over to its end; a quote that goes wrong costs the one line it begins in, and reading goes on with the
// next line.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sense/byte_source.h"
#include "sense/mapping.h"
#include "sense/reason.h"

namespace cityloop::sense {

struct Record {
  std::uint64_t line{};  // where it begins in the file, from 1
  std::string_view raw;  // as it came, without the end of its line; for a line too long its beginning
  bool good{true};       // else `why`
  Refusal why;
  std::span<const std::string_view> fields;  // of CSV; unquoted
};

class RecordReader {
 public:
  RecordReader(std::unique_ptr<ByteSource>, const RowLayout&);

  // False at the end of the file, or where it is damaged: then error() says so. Views live until the next call.
  bool next(Record&);
  // How many fields a row must have; rows of another number are refused. 0 before it is known.
  void expect_columns(std::size_t n) { columns_ = n; }

  const std::string& error() const { return error_; }
  double progress() const;  // 0 to 1, by the bytes of the file as they lie on disk

 private:
  enum class Parsed { ok, incomplete, bad };

  bool more();  // reads on; false at the end of the file
  std::string_view rest() const { return {buffer_.data() + from_, until_ - from_}; }
  bool find_line(std::size_t& size, std::size_t& with_end);
  void pass_over_long_line();
  bool next_line(Record&);
  void split(std::string_view line);
  Parsed split_quoted(std::size_t& size, std::size_t& lines);
  bool next_quoted(Record&, std::size_t line_size, std::size_t line_with_end);
  void take(std::size_t bytes, std::size_t lines);
  void check(Record&);

  std::unique_ptr<ByteSource> source_;
  const std::size_t line_max_;
  const char delimiter_;
  const bool csv_;
  std::size_t columns_{0};
  std::vector<char> buffer_;
  std::size_t from_{0}, until_{0};
  std::size_t used_{0};  // bytes of the record given last; dropped with the next call
  std::uint64_t line_{1};
  std::uint64_t used_lines_{0};
  bool started_{false};
  bool ended_{false};
  bool whole_{false};  // ended, and not by damage: what is left is all there is
  std::string error_;
  std::vector<std::string_view> fields_;
  std::vector<std::pair<std::size_t, std::size_t>>
      doubled_;  // fields that hold "" and are to be unquoted: index, place
  std::string unquoted_;
};

bool is_utf8(std::string_view);

}  // namespace cityloop::sense
