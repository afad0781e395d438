// Which reviewers may not judge which proposals, and why.
//
//   proposals, reviewers, what the secretary forbade ─▶ [bars_between] ─▶ bars ─▶ assignment, the secretary's list
//
// Names are compared as people mean them: full and half width, traditional and simplified, capitals and blanks make no
// difference. A pair may be barred by several things; each is told with the word that it rests on. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::awards::panel {

struct Proposal {
  std::string id;
  std::vector<std::string> key_words;
  std::string text;
  std::vector<std::string> organisations;  // the applicant, its partners, the units of its cases
  std::vector<std::string> cities;
  std::vector<std::string> people;  // authors and contacts
  std::uint32_t reviews{};          // how many it needs; 0: as many as the rule says
};

struct Reviewer {
  std::string id;
  std::string name;
  std::vector<std::string> key_words;
  std::string text;  // what they work on
  std::vector<std::string> organisations;
  std::vector<std::string> cities;
  std::vector<std::string> co_authors;
  std::vector<std::string>
      declared;              // what they declared to be partial to: proposals' ids, organisations, cities, people
  std::uint32_t load_max{};  // 0: takes none
};

struct Pair {
  std::uint32_t proposal{}, reviewer{};  // by place in their lists
  auto operator<=>(const Pair&) const = default;
};

enum class Why : std::uint8_t { own, organisation, city, co_author, declared, forbidden };
inline constexpr Why kWhys[] = {Why::own, Why::organisation, Why::city, Why::co_author, Why::declared, Why::forbidden};
std::string_view to_string(Why);

struct Bar {
  Pair pair;
  Why why{Why::own};
  std::string what;  // the name, organisation or city that both have, as the proposal writes it
};

struct BarRules {
  bool city{true};  // whether a city's own people may not judge its proposals
};

// In order of proposal, reviewer, why. `forbidden` in any order.
std::vector<Bar> bars_between(std::span<const Proposal>, std::span<const Reviewer>, std::span<const Pair> forbidden,
                              const BarRules&);

}  // namespace cityloop::awards::panel
