// JSON readings: one object, or a list of them; members found by paths like "payload.sensors.0.value".
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sense/field.h"
#include "sense/reason.h"

namespace cityloop::sense {

class JsonRows {
 public:
  JsonRows();
  ~JsonRows();
  JsonRows(JsonRows&&) noexcept;

  // The readings in `text`: how many, or -1 with `why`. Views into them live until the next parse.
  int parse(std::string_view text, Refusal& why);
  // The members of reading `index` at `paths`, in their order; absent where a path leads nowhere or to null.
  void fields(int index, std::span<const std::string> paths, std::vector<Field>& out);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::sense
