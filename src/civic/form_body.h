// A body as an HTML form sends it: application/x-www-form-urlencoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace cityloop::civic {

class FormBody {
 public:
  // Errc::malformed for broken escapes; Errc::unsupported for another media type; Errc::full for more than 500 fields.
  static base::Result<FormBody> read(const net::Request&);

  std::string_view text(std::string_view name) const;  // the first of that name; "" when there is none
  // All of "name[KEY]" as (KEY, value), in order; "name[KEY][]" likewise.
  std::vector<std::pair<std::string, std::string>> members(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace cityloop::civic
