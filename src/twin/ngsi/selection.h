// A selection of types or of scopes: words joined by `;` (and) and by `,` or `|` (or), with brackets
// (ETSI GS CIM 009, clauses 4.17 and 4.19).
//
//   Vehicle;(Bus,Tram)        /Madrid/Gardens/#,/CompanyA/+/OrganizationB
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/names.h"

namespace cityloop::twin {

class Selection {
 public:
  // Gives the word as it is kept, or refuses it.
  using Word = std::function<base::Result<std::string>(std::string_view)>;
  // Bounded: 1,000 words, 64 brackets within one another. `parameter` names it in errors.
  static base::Result<Selection> parse(std::string_view parameter, std::string_view text, const Word&);

  bool has_type(const std::vector<flow::Name>& types) const;
  bool has_scope(const std::vector<flow::Name>& scopes) const;

  // Only words joined by "or": an entity of any of them is meant.
  bool is_list() const;
  // Whoever is meant has at least one of these.
  std::vector<flow::Name> candidates() const;

  struct Node {
    enum class Kind : std::uint8_t { word, all, any } kind{Kind::word};
    flow::Name word;
    std::vector<Node> parts;
  };
  const Node& root() const { return *root_; }

 private:
  class Parser;
  template <class Holds>
  static bool holds(const Node&, const Holds&);
  static void gather(const Node&, std::vector<flow::Name>&);
  std::shared_ptr<const Node> root_;
};

// The levels of a scope or a pattern joined by '/', without one in front: "Madrid/Gardens".
std::string scope_levels(std::string_view scope);
// Whether a scope lies under a pattern: "+" stands for one level, a closing "#" for any number, none included.
bool scope_fits(std::string_view pattern, std::string_view scope);

}  // namespace cityloop::twin
