#include "serve/cases/case_postings.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/bytes.h"

namespace cityloop::serve {
namespace {

void put32(std::string& out, std::size_t value) {
  const auto small = std::uint32_t(value);
  out.append(reinterpret_cast<const char*>(&small), 4);
}

std::uint32_t get32(const char* at) {
  std::uint32_t out = 0;
  std::memcpy(&out, at, 4);
  return out;
}

}  // namespace

void PostingsBuilder::add(std::uint32_t row, const std::vector<std::string_view>& terms) {
  assert(row <= 0xffff);
  for (const std::string_view term : terms) {
    auto found = rows_.find(term);
    if (found == rows_.end()) found = rows_.emplace(term, std::vector<std::uint16_t>{}).first;
    found->second.push_back(std::uint16_t(row));
  }
}

void PostingsBuilder::find(const WantedTerm& wanted, RowMask& rows) const {
  const auto take = [&](const std::vector<std::uint16_t>& list) {
    for (const std::uint16_t row : list) set_row(rows, row);
  };
  if (!wanted.begins) {
    if (const auto found = rows_.find(wanted.text); found != rows_.end()) take(found->second);
    return;
  }
  for (const auto& [term, list] : rows_) {
    if (term.starts_with(wanted.text)) take(list);
  }
}

// Number of terms; where the text of each ends and where its rows end; all texts; all rows as steps from one to the
// next.
std::string PostingsBuilder::bytes() const {
  std::string ends, texts;
  base::ByteWriter rows;
  std::vector<std::string_view> order;
  for (const auto& [term, list] : rows_) order.push_back(term);
  std::ranges::sort(order);
  for (const std::string_view term : order) {
    texts += term;
    std::uint32_t before = 0;
    for (const std::uint16_t row : rows_.find(term)->second) {
      rows.varint(row - before);
      before = row;
    }
    put32(ends, texts.size());
    put32(ends, rows.view().size());
  }
  std::string out;
  put32(out, rows_.size());
  put32(out, texts.size());
  out += ends;
  out += texts;
  out += rows.view();
  return out;
}

base::Result<Postings> Postings::from(std::string bytes) {
  Postings out;
  out.bytes_ = std::move(bytes);
  const auto damaged = [] { return base::fail(base::Errc::corrupt, "the words of a block of cases are damaged"); };
  if (out.bytes_.size() < 8) return damaged();
  out.terms_ = get32(out.bytes_.data());
  out.ends_at_ = 8;
  out.texts_at_ = 8 + out.terms_ * 8;
  out.rows_at_ = out.texts_at_ + get32(out.bytes_.data() + 4);
  if (out.rows_at_ > out.bytes_.size() || out.texts_at_ > out.rows_at_) return damaged();
  std::uint32_t text = 0, rows = 0;
  for (std::size_t i = 0; i < out.terms_; ++i) {
    const std::uint32_t text_end = get32(out.ends() + i * 8), rows_end = get32(out.ends() + i * 8 + 4);
    if (text_end < text || rows_end < rows) return damaged();
    text = text_end, rows = rows_end;
  }
  if (out.texts_at_ + text > out.rows_at_ || out.rows_at_ + rows > out.bytes_.size()) return damaged();
  return out;
}

std::string_view Postings::term(std::size_t index) const {
  const std::uint32_t begin = index ? get32(ends() + (index - 1) * 8) : 0, end = get32(ends() + index * 8);
  return std::string_view(bytes_).substr(texts_at_ + begin, end - begin);
}

void Postings::set_rows(std::size_t index, RowMask& rows) const {
  const std::uint32_t begin = index ? get32(ends() + (index - 1) * 8 + 4) : 0, end = get32(ends() + index * 8 + 4);
  base::ByteReader in(std::string_view(bytes_).substr(rows_at_ + begin, end - begin));
  const std::size_t size = rows.size() * 64;
  for (std::size_t row = 0; !in.at_end();) {
    row += in.varint();
    if (row < size) set_row(rows, row);
  }
}

void Postings::find(const WantedTerm& wanted, RowMask& rows) const {
  std::size_t low = 0, high = terms_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (term(middle) < wanted.text) low = middle + 1;
    else high = middle;
  }
  for (; low < terms_; ++low) {
    const std::string_view here = term(low);
    if (wanted.begins ? !here.starts_with(wanted.text) : here != wanted.text) break;
    set_rows(low, rows);
  }
}

std::size_t Postings::bytes_held() const {
  return terms_ ? bytes_.capacity() : 0;
}

}  // namespace cityloop::serve
