#include "sense/wkt.h"

#include <charconv>

#include "base/json_writer.h"

namespace cityloop::sense {
namespace {

using base::Errc;
using base::fail;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  base::Result<std::string> read() {
    std::string word;
    skip();
    while (!rest_.empty() && ((rest_[0] | 0x20) >= 'a' && (rest_[0] | 0x20) <= 'z')) {
      word += char(rest_[0] & ~0x20);
      rest_.remove_prefix(1);
    }
    int depth = 0;
    std::string_view type;
    if (word == "POINT") type = "Point", depth = 0;
    else if (word == "LINESTRING") type = "LineString", depth = 1;
    else if (word == "POLYGON") type = "Polygon", depth = 2;
    else return bad("begins with none of POINT, LINESTRING, POLYGON");
    out_.object().field("type", type).key("coordinates");
    TRY(depth == 0 ? point() : list(depth));
    skip();
    if (!rest_.empty()) return bad("goes on after its end");
    out_.end();
    return out_.take();
  }

 private:
  std::unexpected<base::Error> bad(std::string_view what) const {
    return fail(Errc::invalid, "the WKT '{}' {}", text_.substr(0, 60), what);
  }
  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  base::Status position() {
    out_.array();
    int count = 0;
    for (;; ++count) {
      skip();
      double v = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), v);
      if (error != std::errc{}) break;
      rest_.remove_prefix(std::size_t(end - rest_.data()));
      out_.number(v);
    }
    out_.end();
    if (count < 2 || count > 4) return bad("has a position that is not two numbers");
    return {};
  }
  base::Status point() {
    if (!take('(')) return bad("lacks a '('");
    TRY(position());
    if (!take(')')) return bad("lacks a ')'");
    return {};
  }
  base::Status list(int depth) {
    if (!take('(')) return bad("lacks a '('");
    out_.array();
    do {
      TRY(depth == 1 ? position() : list(depth - 1));
    } while (take(','));
    out_.end();
    if (!take(')')) return bad("lacks a ')'");
    return {};
  }

  std::string_view text_, rest_;
  base::JsonWriter out_;
};

}  // namespace

base::Result<std::string> geojson_of_wkt(std::string_view text) {
  return Reader(text).read();
}

}  // namespace cityloop::sense
