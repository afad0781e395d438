// test/app/matrix.txt as data: who may ask which route for what, and take which step of a case in which state.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::app {

struct Matrix {
  struct Route {
    std::string method, pattern, right, body;
    int line{};
  };
  struct Step {
    std::string verb;
    std::set<std::string> from, elsewhere;  // states; those of other sorts of cases
    std::set<std::string> by;
    int line{};
  };
  std::vector<std::string> people;
  // By the right's name, for each of the people: '+' let in, '.' refused, 'x' refused for lack of another proof.
  std::map<std::string, std::string> rights;
  std::vector<Route> routes;
  std::vector<Step> steps;

  // Every mistake of the table is told with its line.
  static base::Result<Matrix> load(const std::string& file);
  // A domain package's table: only [routes], for the people and rights of this one.
  base::Status add(const std::string& file);
  const Route* find(const std::string& method, const std::string& pattern) const;
};

}  // namespace cityloop::app
