// Names that repeat a million times, kept once: attribute names, types, units, and the URNs of entities.
//
// A Name or an EntityId is a number that stands for a text for the life of the process. What is written to disk or sent
// is always the text. Looking up by text takes a short lock; reading a text takes none. Nothing is ever forgotten.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

namespace cityloop::flow {

// Number 0 is the empty text in both tables: "not given".
class Name {
 public:
  constexpr Name() = default;
  explicit Name(std::string_view text);
  // The name only if that text has been seen before: a question for what nobody has leaves no trace. Empty otherwise.
  static Name lookup(std::string_view text);
  static constexpr Name from_number(std::uint32_t number) {
    Name name;
    name.number_ = number;
    return name;
  }
  std::string_view text() const;
  constexpr bool empty() const { return number_ == 0; }
  constexpr std::uint32_t number() const { return number_; }
  friend constexpr auto operator<=>(Name, Name) = default;  // by number: for tables, never for output order

 private:
  std::uint32_t number_{0};
};

class EntityId {
 public:
  constexpr EntityId() = default;
  explicit EntityId(std::string_view urn);
  // The id only if that text has been seen before: a query for what does not exist leaves no trace.
  static EntityId lookup(std::string_view urn);
  static constexpr EntityId from_number(std::uint32_t number) {
    EntityId id;
    id.number_ = number;
    return id;
  }
  std::string_view text() const;
  constexpr bool empty() const { return number_ == 0; }
  constexpr std::uint32_t number() const { return number_; }
  friend constexpr auto operator<=>(EntityId, EntityId) = default;

 private:
  std::uint32_t number_{0};
};

}  // namespace cityloop::flow

template <>
struct std::hash<cityloop::flow::Name> {
  std::size_t operator()(cityloop::flow::Name n) const { return n.number() * 0x9e3779b97f4a7c15u; }
};
template <>
struct std::hash<cityloop::flow::EntityId> {
  std::size_t operator()(cityloop::flow::EntityId e) const { return e.number() * 0x9e3779b97f4a7c15u; }
};
