// Typed nouns (Case, Command, Action …) written as NGSI-LD entities, and read back.
//
// An absent optional field is an attribute that is not there. Times are ISO 8601 texts, durations seconds (SEC).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "flow/finding.h"

namespace cityloop::flow {

// "kind"_name: the Name of a text that stands in the program, looked up once.
template <std::size_t N>
struct NameText {
  char text[N];
  consteval NameText(const char (&given)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = given[i];
  }
};
template <NameText T>
Name operator""_name() {
  static const Name name{std::string_view(T.text, sizeof(T.text) - 1)};
  return name;
}

// Adds a noun's fields to a Write one by one; empty texts, kNever and empty JSON are left out.
class NounWriter {
 public:
  NounWriter(EntityId id, std::string_view type, WriteMode mode) : NounWriter(id, Name(type), mode) {}
  // `room`: for so many attributes.
  NounWriter(EntityId id, Name type, WriteMode mode, std::size_t room = 12);
  NounWriter& text(Name name, std::string_view value);
  NounWriter& time(Name name, Instant);
  NounWriter& duration(Name name, Duration);
  NounWriter& number(Name name, double);
  NounWriter& flag(Name name, bool);
  NounWriter& link(Name name, EntityId);
  NounWriter& language(Name name, const Bilingual&);
  NounWriter& geo(Name name, std::string_view geojson);
  // Any JSON value by its text: scalars as themselves, objects and lists as Json. Text that is no JSON is kept as text.
  NounWriter& json(Name name, std::string_view json_text);
  // An object or a list that our own JsonWriter has written: kept as it is.
  NounWriter& own_json(Name name, std::string_view json_text);

  NounWriter& text(std::string_view name, std::string_view value) { return text(Name(name), value); }
  NounWriter& time(std::string_view name, Instant at) { return time(Name(name), at); }
  NounWriter& duration(std::string_view name, Duration d) { return duration(Name(name), d); }
  NounWriter& number(std::string_view name, double value) { return number(Name(name), value); }
  NounWriter& flag(std::string_view name, bool value) { return flag(Name(name), value); }
  NounWriter& link(std::string_view name, EntityId to) { return link(Name(name), to); }
  NounWriter& language(std::string_view name, const Bilingual& text) { return language(Name(name), text); }
  NounWriter& geo(std::string_view name, std::string_view geojson) { return geo(Name(name), geojson); }
  NounWriter& json(std::string_view name, std::string_view json_text) { return json(Name(name), json_text); }

  // The other half of NounReader's, so that one list of a noun's members does for both ways.
  NounWriter& count(Name name, std::uint32_t value, std::uint32_t /*otherwise*/ = 0) { return number(name, value); }
  NounWriter& geojson(Name name, const std::string& text) { return geo(name, text); }
  template <class T>
  NounWriter& choice(Name name, T value, std::string_view (*to_text)(T), base::Result<T> (*)(std::string_view)) {
    return text(name, to_text(value));
  }
  template <class T>
  NounWriter& list(Name name, const std::vector<T>& items, std::string (*to_json)(const std::vector<T>&),
                   base::Result<std::vector<T>> (*)(std::string_view)) {
    return own_json(name, to_json(items));
  }
  Write take() { return std::move(write_); }

 private:
  NounWriter& add(Name name, AttributeKind, Value);
  Write write_;
};

// Reads a noun's fields one by one, by the same calls as NounWriter writes them. What cannot be read is told by done(),
// the first of them.
class NounReader {
 public:
  explicit NounReader(const Entity& entity) : entity_(entity) {}
  // Lists of these names stay as they are: to read them takes the most of the time.
  NounReader(const Entity& entity, std::vector<Name> without) : entity_(entity), without_(std::move(without)) {}
  NounReader& text(Name, std::string&);
  NounReader& time(Name, Instant&);
  NounReader& duration(Name, Duration&);
  NounReader& flag(Name, bool&);
  NounReader& count(Name, std::uint32_t&, std::uint32_t otherwise = 0);
  NounReader& link(Name, EntityId&);
  NounReader& language(Name, Bilingual&);
  NounReader& geojson(Name, std::string&);
  template <class T>
  NounReader& choice(Name name, T& out, std::string_view (*)(T), base::Result<T> (*from)(std::string_view)) {
    return keep(from(entity_.text(name)), out);
  }
  template <class T>
  NounReader& list(Name name, std::vector<T>& out, std::string (*)(const std::vector<T>&),
                   base::Result<std::vector<T>> (*from)(std::string_view)) {
    return is_left_out(name) ? *this : keep(from(json_text(name)), out);
  }
  base::Status done() const { return done_; }

 private:
  std::string_view json_text(Name) const;  // of an object or a list; empty otherwise
  bool is_left_out(Name) const;
  template <class T>
  NounReader& keep(base::Result<T> read, T& out) {
    if (read) out = std::move(*read);
    else if (done_) done_ = std::unexpected(read.error());
    return *this;
  }

  const Entity& entity_;
  std::vector<Name> without_;
  base::Status done_;
};

// Fields back out of an entity; empty, kNever or zero when absent.
std::string text_field(const Entity&, std::string_view name);
EntityId link_field(const Entity&, std::string_view name);
Instant time_field(const Entity&, std::string_view name);
Duration duration_field(const Entity&, std::string_view name);
Bilingual language_field(const Entity&, std::string_view name);
std::string json_field(const Entity&, std::string_view name);  // the JSON text of whatever value it has

// The entity that a write makes where there was none.
Entity entity_of(const Write&);
// The same after a change that came through the log: what a loop knows of a noun, brought up to date.
Entity entity_after(const Write& known, const Change&);

base::Status require_type(const Entity&, std::string_view type);

}  // namespace cityloop::flow
