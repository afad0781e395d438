#include "domain/traffic/demo/signs.h"

#include <charconv>

#include "base/csv.h"
#include "base/file.h"

namespace cityloop::traffic {

base::Result<std::vector<TownSign>> read_signs(const std::filesystem::path& csv) {
  const std::string text = TRY(base::read_file(csv));
  base::CsvTable table(text, csv.string(), {"sign", "name_zh", "name_en", "edge", "at_m", "to", "to_zh", "to_en"});
  std::vector<TownSign> out;
  while (table.next()) {
    TownSign& sign = out.emplace_back(TownSign{.id = table.cell("sign"),
                                               .name_zh = table.cell("name_zh"),
                                               .name_en = table.cell("name_en"),
                                               .edge = table.cell("edge"),
                                               .to = table.cell("to"),
                                               .to_zh = table.cell("to_zh"),
                                               .to_en = table.cell("to_en")});
    const std::string& at = table.cell("at_m");
    const auto [end, problem] = std::from_chars(at.data(), at.data() + at.size(), sign.at_m);
    if (problem != std::errc{} || end != at.data() + at.size() || !(sign.at_m >= 0))
      table.mistake(fmt::format("'{}' is no number of metres", at));
  }
  if (!table.mistakes().empty()) return base::fail(base::Errc::invalid, "{}", table.mistakes());
  return out;
}

}  // namespace cityloop::traffic
