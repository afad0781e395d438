// Inside of sense: the parts of a mapping file, each read from its own table.
#pragma once

#include "base/config.h"
#include "sense/mapping.h"

namespace cityloop::sense {

// The inputs of one block, each named once.
class InputNames {
 public:
  explicit InputNames(std::vector<std::string>& names) : names_(names) {}
  std::size_t number_of(std::string_view name);

 private:
  std::vector<std::string>& names_;
};

Template read_template(base::ConfigTable&, std::string_view key, std::string_view text, InputNames&);
AttributeMap read_attribute(base::ConfigTable&, InputNames&);

}  // namespace cityloop::sense
