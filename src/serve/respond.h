// The small things that every family of routes needs: a JSON answer, a page's limits, a part of the path.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "serve/guard.h"

namespace cityloop::serve {

net::Response json_response(std::string body, int status = 200);
net::Response json_response(base::JsonWriter&, int status = 200);

std::string_view path_part(const Call&, std::string_view name);

// `limit` and `cursor` of a listing; the cursor is how many rows came before.
struct PageWish {
  std::size_t limit{100};
  std::size_t skip{0};
  static base::Result<PageWish> of(const net::Request&);
};

// The rows of one page, and where the next begins; each row is written by the caller's function.
template <class Row, class WriteRow>
void write_page(base::JsonWriter& out, std::string_view key, const std::vector<Row>& rows, const PageWish& wish,
                WriteRow&& write_row) {
  out.key(key).array();
  const std::size_t end = std::min(rows.size(), wish.skip + wish.limit);
  for (std::size_t i = wish.skip; i < end; ++i) write_row(rows[i]);
  out.end().key("next");
  if (end < rows.size()) out.text(fmt::format("{}", end));
  else out.null();
}

}  // namespace cityloop::serve
