// A short list of names that a million entities share: their types, their scopes.
//
// Four bytes that stand for the list for the life of the process, as a Name stands for its text: equal lists (the same
// names in the same order) have the same number. Copies cost nothing. Nothing is ever forgotten.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "flow/names.h"

namespace cityloop::flow {

class NameList {
 public:
  using value_type = Name;
  using const_iterator = std::vector<Name>::const_iterator;
  using iterator = const_iterator;

  constexpr NameList() = default;
  NameList(std::initializer_list<Name> names);
  NameList(const std::vector<Name>& names);

  const std::vector<Name>& list() const;
  operator const std::vector<Name>&() const { return list(); }
  const_iterator begin() const { return list().begin(); }
  const_iterator end() const { return list().end(); }
  std::size_t size() const { return list().size(); }
  constexpr bool empty() const { return number_ == 0; }
  Name operator[](std::size_t at) const { return list()[at]; }
  Name front() const { return list().front(); }
  Name back() const { return list().back(); }
  bool contains(Name) const;
  void push_back(Name);  // becomes the list with one more
  void clear() { number_ = 0; }

  friend constexpr bool operator==(NameList, NameList) = default;
  constexpr std::uint32_t number() const { return number_; }

 private:
  std::uint32_t number_{0};
};

}  // namespace cityloop::flow
