#include "sense/record_reader.h"

#include <cstring>

#include <simdjson.h>

namespace cityloop::sense {
namespace {

constexpr std::size_t kChunk = 256 << 10;

}  // namespace

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

RecordReader::RecordReader(std::unique_ptr<ByteSource> source, const RowLayout& layout)
    : source_(std::move(source)),
      line_max_(layout.line_max_bytes),
      delimiter_(layout.delimiter),
      csv_(layout.format == RowFormat::csv),
      buffer_(layout.line_max_bytes + kChunk) {}

double RecordReader::progress() const {
  if (ended_ && error_.empty()) return 1;
  const double size = double(source_->file_bytes());
  return size == 0 ? 1 : double(source_->file_bytes_done()) / size;
}

bool RecordReader::more() {
  if (ended_) return false;
  if (until_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + from_, until_ - from_);
    until_ -= from_;
    from_ = 0;
  }
  const auto got = source_->read(buffer_.data() + until_, buffer_.size() - until_);
  if (!got) error_ = got.error().message;
  if (!got || *got == 0) return ended_ = true, false;
  until_ += *got;
  return true;
}

// The line that begins at from_: its size, and that with its end. False when the file ends before; a line longer than
// allowed gives a size past line_max_. The rest of a file after its last newline is a line too, unless the file is
// damaged there.
bool RecordReader::find_line(std::size_t& size, std::size_t& with_end) {
  std::size_t looked = 0;
  for (;;) {
    const std::string_view text = rest();
    const void* end = text.size() > looked ? std::memchr(text.data() + looked, '\n', text.size() - looked) : nullptr;
    if (end) {
      size = std::size_t(static_cast<const char*>(end) - text.data());
      with_end = size + 1;
      break;
    }
    looked = text.size();
    if (looked > line_max_ + 1) {
      size = with_end = looked;
      return true;
    }
    if (more()) continue;
    if (rest().empty() || !error_.empty()) return false;
    size = with_end = rest().size();
    break;
  }
  if (size > 0 && rest()[size - 1] == '\r') --size;
  return true;
}

void RecordReader::take(std::size_t bytes, std::size_t lines) {
  used_ = bytes;
  used_lines_ = lines;
}

// Drops a line that is past the bound, but for its beginning, which the record shows.
void RecordReader::pass_over_long_line() {
  const std::size_t shown = std::min<std::size_t>(line_max_, 4096);
  from_ += shown;
  for (;;) {
    const std::string_view text = rest();
    if (const void* end = std::memchr(text.data(), '\n', text.size())) {
      from_ += std::size_t(static_cast<const char*>(end) - text.data()) + 1;
      break;
    }
    from_ = until_;
    if (from_ == buffer_.size()) from_ = until_ = 0;
    if (!more()) break;
  }
  ++line_;
}

void RecordReader::split(std::string_view line) {
  fields_.clear();
  const char* at = line.data();
  const char* const end = at + line.size();
  const char* field = at;
  for (; at != end; ++at) {
    if (*at != delimiter_) continue;
    fields_.emplace_back(field, std::size_t(at - field));
    field = at + 1;
  }
  fields_.emplace_back(field, std::size_t(end - field));
}

// A record with quotes, from the beginning of rest(). `size` comes back without the end of its last line.
RecordReader::Parsed RecordReader::split_quoted(std::size_t& size, std::size_t& lines) {
  const std::string_view text = rest();
  fields_.clear();
  doubled_.clear();
  unquoted_.clear();
  std::size_t at = 0;
  lines = 1;
  for (;;) {
    const bool quoted = at < text.size() && text[at] == '"';
    const std::size_t begin = quoted ? at + 1 : at;
    bool has_doubled = false;
    std::size_t end = begin;
    if (quoted) {
      for (;; ++end) {
        if (end >= text.size()) return Parsed::incomplete;
        if (text[end] == '\n') ++lines;
        if (text[end] != '"') continue;
        if (end + 1 < text.size() && text[end + 1] == '"') has_doubled = true, ++end;
        else if (end + 1 >= text.size() && !whole_) return Parsed::incomplete;
        else break;
      }
      at = end + 1;
    } else {
      while (at < text.size() && text[at] != delimiter_ && text[at] != '\n') ++at;
      end = at;
    }
    if (at + 1 >= text.size() && !whole_) return Parsed::incomplete;
    const bool returns = at < text.size() && text[at] == '\r' && (at + 1 == text.size() || text[at + 1] == '\n');
    const bool at_end = at >= text.size() || text[at] == '\n' || returns;
    if (!at_end && text[at] != delimiter_) return Parsed::bad;  // text after a closing quote
    if (!quoted && at_end && end > begin && text[end - 1] == '\r') --end;
    if (has_doubled) doubled_.emplace_back(fields_.size(), 0);
    fields_.push_back(text.substr(begin, end - begin));
    if (at_end) {
      size = at;
      return Parsed::ok;
    }
    ++at;
  }
}

namespace {

void append_unquoted(std::string_view field, std::string& to) {
  for (std::size_t i = 0; i < field.size(); ++i) {
    to += field[i];
    if (field[i] == '"') ++i;
  }
}

}  // namespace

bool RecordReader::next_quoted(Record& out, std::size_t line_size, std::size_t line_with_end) {
  std::size_t size = 0, lines = 1;
  Parsed parsed = split_quoted(size, lines);
  while (parsed == Parsed::incomplete && rest().size() <= line_max_ && !whole_) {
    if (!more() && !error_.empty()) break;
    whole_ = ended_;
    parsed = split_quoted(size, lines);
  }
  const bool wrong_columns = parsed == Parsed::ok && lines > 1 && columns_ && fields_.size() != columns_;
  if (parsed != Parsed::ok || size > line_max_ || wrong_columns) {
    // Only this line is lost: the quote may be a slip, and the lines after it good.
    out.raw = rest().substr(0, line_size);
    out.good = false;
    out.why = {Reason::quotes, parsed == Parsed::bad ? "text follows a closing quote" : "a quote is never closed"};
    take(line_with_end, 1);
    return true;
  }
  for (auto& [field, place] : doubled_) {
    place = unquoted_.size();
    append_unquoted(fields_[field], unquoted_);
  }
  for (std::size_t i = 0; i < doubled_.size(); ++i) {
    const std::size_t end = i + 1 < doubled_.size() ? doubled_[i + 1].second : unquoted_.size();
    fields_[doubled_[i].first] = std::string_view(unquoted_).substr(doubled_[i].second, end - doubled_[i].second);
  }
  out.raw = rest().substr(0, size);
  if (out.raw.ends_with('\r')) out.raw.remove_suffix(1);
  std::size_t with_end = size;
  if (with_end < rest().size() && rest()[with_end] == '\r') ++with_end;
  if (with_end < rest().size() && rest()[with_end] == '\n') ++with_end;
  take(with_end, lines);
  return true;
}

bool RecordReader::next_line(Record& out) {
  std::size_t size = 0, with_end = 0;
  do {
    from_ += used_;
    line_ += used_lines_;
    used_ = used_lines_ = 0;
    if (!find_line(size, with_end)) return false;
    if (!started_ && rest().starts_with("\xEF\xBB\xBF")) {
      from_ += 3;
      size -= 3;
      with_end -= 3;
    }
    started_ = true;
    take(with_end, 1);
  } while (size == 0);
  out.line = line_;
  out.good = true;
  if (size > line_max_) {
    unquoted_.assign(rest().substr(0, std::min<std::size_t>(line_max_, 4096)));
    take(0, 0);
    pass_over_long_line();
    out.raw = unquoted_;
    out.good = false;
    out.why = {Reason::too_long, fmt::format("longer than {} bytes", line_max_)};
    return true;
  }
  out.raw = rest().substr(0, size);
  if (!csv_) return true;
  if (std::memchr(out.raw.data(), '"', out.raw.size())) return next_quoted(out, size, with_end);
  split(out.raw);
  return true;
}

void RecordReader::check(Record& out) {
  if (!out.good) return;
  if (!is_utf8(out.raw)) {
    out.good = false;
    out.why = {Reason::not_utf8, "the bytes are no UTF-8"};
  } else if (csv_ && columns_ && fields_.size() != columns_) {
    out.good = false;
    out.why = {Reason::columns, fmt::format("{} fields where the header has {}", fields_.size(), columns_)};
  }
}

bool RecordReader::next(Record& out) {
  if (!next_line(out)) return false;
  out.fields = fields_;
  check(out);
  return true;
}

}  // namespace cityloop::sense
