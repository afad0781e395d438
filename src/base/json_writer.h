// Writes compact JSON into one string: JsonWriter w; w.object().key("id").text("x").end();
//
// Commas are the writer's business. A number that JSON cannot say (NaN, infinity) is written as null.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::base {

class JsonWriter {
 public:
  JsonWriter& object() { return open('{', '}'); }
  JsonWriter& array() { return open('[', ']'); }
  JsonWriter& end() {
    out_ += closers_.back();
    closers_.pop_back();
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    first_ = true;
    return *this;
  }
  JsonWriter& text(std::string_view v) { return separate(), quote(v), *this; }
  JsonWriter& number(double v);
  JsonWriter& integer(std::int64_t v);
  JsonWriter& boolean(bool v) { return separate(), out_ += v ? "true" : "false", *this; }
  JsonWriter& null() { return separate(), out_ += "null", *this; }
  JsonWriter& raw(std::string_view json) { return separate(), out_ += json, *this; }  // trusted to be one JSON value

  // key and value at once, for the commonest shapes
  JsonWriter& field(std::string_view name, std::string_view v) { return key(name).text(v); }
  JsonWriter& field(std::string_view name, const char* v) { return key(name).text(v); }
  JsonWriter& field(std::string_view name, const std::string& v) { return key(name).text(v); }
  JsonWriter& field(std::string_view name, double v) { return key(name).number(v); }
  JsonWriter& field(std::string_view name, bool v) { return key(name).boolean(v); }
  template <class Int>
    requires std::is_integral_v<Int>
  JsonWriter& field(std::string_view name, Int v) {
    return key(name).integer(std::int64_t(v));
  }

  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char opener, char closer) {
    separate();
    out_ += opener;
    closers_ += closer;
    first_ = true;
    return *this;
  }
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void quote(std::string_view);

  std::string out_;
  std::string closers_;
  bool first_{true};
};

}  // namespace cityloop::base
