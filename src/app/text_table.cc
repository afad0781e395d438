#include "app/text_table.h"

#include <algorithm>
#include <array>

#include "sense/byte_source.h"
#include "sense/record_reader.h"
#include "text/normal.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::Result;

constexpr std::size_t kLineMaxBytes = 4 << 20;

struct Usual {
  std::array<std::string_view, 4> subject{"subject", "title", "留言主题", "标题"};
  std::array<std::string_view, 6> text{"text", "description", "segmented_text", "留言详情", "内容", "content"};
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

Result<TextTable> TextTable::read(const std::string& path) {
  TextTable out;
  out.path_ = path;
  sense::RowLayout layout;
  layout.file = path;
  layout.line_max_bytes = kLineMaxBytes;
  sense::RecordReader reader(TRY(sense::ByteSource::open(path)), layout);
  sense::Record record;
  while (reader.next(record)) {
    const bool other_encoding = !record.good && record.why.reason == sense::Reason::not_utf8;
    if (!record.good && !other_encoding) {
      out.bad_rows_.push_back({record.line, record.why.detail});
      continue;
    }
    Row row{record.line, {}};
    std::string why;
    for (const std::string_view field : record.fields) {
      auto utf8 = text::to_utf8(field);
      if (!utf8) why = utf8.error().message;
      row.fields.push_back(utf8 ? *std::move(utf8) : std::string{});
    }
    if (out.header_.empty() && why.empty()) {
      for (const std::string& name : row.fields) out.header_.emplace_back(trimmed(name));
      continue;
    }
    if (why.empty() && row.fields.size() != out.header_.size()) {
      why = fmt::format("{} fields where the header has {}", row.fields.size(), out.header_.size());
    }
    if (why.empty()) out.rows_.push_back(std::move(row));
    else out.bad_rows_.push_back({record.line, why});
  }
  if (!reader.error().empty()) out.bad_rows_.push_back({0, reader.error()});
  if (out.header_.empty()) return base::fail(Errc::malformed, "{}: there is no header", path);
  return out;
}

Result<std::size_t> TextTable::column(std::string_view name) const {
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (header_[i] == name) return i;
  }
  return base::fail(Errc::not_found, "{}: no column '{}'; there are: {}", path_, name, fmt::join(header_, ", "));
}

Result<std::vector<std::size_t>> TextTable::text_columns(const std::vector<std::string>& names) const {
  std::vector<std::size_t> out;
  for (const std::string& name : names) out.push_back(TRY(column(name)));
  if (!out.empty()) return out;
  const auto take_first = [&](const auto& usual) {
    for (const std::string_view name : usual) {
      if (const auto found = column(name)) return out.push_back(*found);
    }
  };
  static constexpr Usual kUsual;
  take_first(kUsual.subject);
  take_first(kUsual.text);
  if (out.empty()) {
    return base::fail(Errc::not_found, "{}: which column holds the text? --text names it; there are: {}", path_,
                      fmt::join(header_, ", "));
  }
  return out;
}

std::string joined_text(const TextTable::Row& row, const std::vector<std::size_t>& columns) {
  std::string out;
  for (const std::size_t column : columns) {
    if (!out.empty()) out += "。";
    out += row.fields[column];
  }
  return out;
}

std::string csv_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string out = "\"";
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace cityloop::app
