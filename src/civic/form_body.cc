#include "civic/form_body.h"

#include <algorithm>

#include "net/url.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kFieldsMax = 500;

}  // namespace

base::Result<FormBody> FormBody::read(const net::Request& request) {
  const std::string_view type = request.header("content-type");
  if (!type.empty() && !type.starts_with("application/x-www-form-urlencoded"))
    return fail(Errc::unsupported, "send application/x-www-form-urlencoded, not '{}'", type);
  FormBody out;
  std::string_view rest = request.body;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    auto name = TRY(net::percent_decode(field.substr(0, equals), true));
    auto value = TRY(net::percent_decode(field.substr(std::min(equals + 1, field.size())), true));
    out.fields_.emplace_back(std::move(name), std::move(value));
    if (out.fields_.size() > kFieldsMax) return fail(Errc::full, "more than {} fields", kFieldsMax);
  }
  return out;
}

std::string_view FormBody::text(std::string_view name) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; });
  return found == fields_.end() ? std::string_view{} : std::string_view(found->second);
}

std::vector<std::pair<std::string, std::string>> FormBody::members(std::string_view name) const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [key, value] : fields_) {
    std::string_view rest = key;
    if (!rest.starts_with(name)) continue;
    rest.remove_prefix(name.size());
    const std::size_t close = rest.find(']');
    if (rest.starts_with('[') && close != std::string_view::npos) out.emplace_back(rest.substr(1, close - 1), value);
  }
  return out;
}

}  // namespace cityloop::civic
