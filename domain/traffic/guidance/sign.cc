#include "domain/traffic/guidance/sign.h"

#include <filesystem>

#include "base/config.h"
#include "base/file.h"

namespace cityloop::traffic {
namespace {

// Code points and their widths; what is no UTF-8 counts as one each.
template <class Each>
void each_character(std::string_view text, const Each& each) {
  while (!text.empty()) {
    const auto lead = std::uint8_t(text.front());
    std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    size = std::min(size, text.size());
    // From U+1100 up nearly all that signs show is as wide as high.
    each(text.substr(0, size), size >= 3 ? 2 : 1);
    text.remove_prefix(size);
  }
}

// Latin texts break at blanks, Chinese ones anywhere. Nothing when a word is wider than the sign.
std::optional<std::vector<std::string>> broken(std::string_view text, int columns) {
  std::vector<std::string> lines{""};
  int used = 0;
  std::string word;
  int width = 0;
  bool fits = true;
  bool gap_before = false, gap_next = false;
  const auto put = [&] {
    if (word.empty()) return;
    fits &= width <= columns;
    const bool gap = gap_before && used > 0;
    if (used + gap + width > columns) {
      lines.emplace_back();
      used = 0;
    } else if (gap) {
      lines.back() += ' ';
      ++used;
    }
    lines.back() += word;
    used += width;
    word.clear();
    width = 0;
  };
  each_character(text, [&](std::string_view one, int wide) {
    if (one == " " || wide == 2) put();
    if (one == " ") {
      gap_next = true;
      return;
    }
    if (word.empty()) gap_before = std::exchange(gap_next, false);
    word += one;
    width += wide;
    if (wide == 2) put();
  });
  put();
  if (!fits) return std::nullopt;
  return lines;
}

// From the fullest to the barest.
std::vector<std::string> wordings(const SignMessage& m, bool zh) {
  const std::string& to = zh ? m.destination.zh : m.destination.en;
  const std::string& via = zh ? m.via.zh : m.via.en;
  if (m.word == SignWord::delay)
    return zh ? std::vector{fmt::format("往{} 拥堵 约慢{}分钟", to, m.minutes), fmt::format("{} +{}分", to, m.minutes)}
              : std::vector{fmt::format("{} delays {} min", to, m.minutes), fmt::format("{} +{} min", to, m.minutes)};
  const std::string gain_zh = m.word == SignWord::closed ? "前方封路" : fmt::format("省{}分钟", m.minutes);
  const std::string gain_en = m.word == SignWord::closed ? "road closed" : fmt::format("saves {} min", m.minutes);
  std::vector<std::string> out;
  if (!via.empty()) {
    out.push_back(zh ? fmt::format("往{} 请走{} {}", to, via, gain_zh) : fmt::format("{} via {} {}", to, via, gain_en));
    out.push_back(zh ? fmt::format("{}走{}", to, via) : fmt::format("{} via {}", to, via));
  }
  out.push_back(zh ? fmt::format("往{} 请绕行 {}", to, gain_zh) : fmt::format("{} use detour {}", to, gain_en));
  out.push_back(zh ? fmt::format("{}绕行", to) : fmt::format("{} detour", to));
  return out;
}

std::optional<std::string> fit(const Sign& sign, const SignMessage& message, bool zh, int rows, int& used) {
  for (const std::string& text : wordings(message, zh)) {
    const auto lines = broken(text, sign.columns);
    if (!lines || int(lines->size()) > rows) continue;
    used = int(lines->size());
    std::string out;
    for (const std::string& line : *lines) out += (out.empty() ? "" : "\n") + line;
    return out;
  }
  return std::nullopt;
}

flow::Bilingual bilingual(base::ConfigTable& table, std::string_view key) {
  auto name = table.table(key);
  if (!name) {
    table.mistake(key, "a name in both languages is needed: { zh = \"…\", en = \"…\" }");
    return {};
  }
  return {name->text("zh"), name->text("en")};
}

geo::Position position(base::ConfigTable& table) {
  const geo::Position out{table.number("lon"), table.number("lat")};
  if (const auto sound = geo::check(out); !sound) table.mistake("lon", sound.error().message);
  return out;
}

Sign read_sign(base::ConfigTable& table) {
  Sign out;
  out.device = flow::EntityId(table.text("device"));
  out.command = table.text_or("command", "message");
  out.at = position(table);
  out.heading_deg = table.number("heading_deg");
  out.rows = int(table.number("rows"));
  out.columns = int(table.number("columns"));
  if (out.rows < 1 || out.rows > 20) table.mistake("rows", "a sign has 1 to 20 rows");
  if (out.columns < 4 || out.columns > 200) table.mistake("columns", "a sign has 4 to 200 columns");
  const auto languages = table.texts("languages");
  if (!languages.empty()) out.zh = out.en = false;
  for (const std::string& one : languages) {
    if (one == "zh") out.zh = true;
    else if (one == "en") out.en = true;
    else table.mistake("languages", fmt::format("'{}' is not zh or en", one));
  }
  for (base::ConfigTable& destination : table.tables("destination")) {
    const auto name = bilingual(destination, "name");
    out.destinations.push_back({name, position(destination)});
  }
  if (out.destinations.empty()) table.mistake("destination", "a sign without destinations has nothing to say");
  return out;
}

}  // namespace

base::Result<SignSettings> SignSettings::load(const std::string& file) {
  if (!std::filesystem::exists(file)) return SignSettings{};
  return parse(TRY(base::read_file(file)), file);
}

base::Result<SignSettings> SignSettings::parse(std::string_view content, std::string name) {
  base::Config config = TRY(base::Config::parse(content, std::move(name)));
  SignSettings out;
  base::ConfigTable root = config.root();
  out.evaluate_every = root.duration_or("evaluate_every", out.evaluate_every);
  out.min_interval = root.duration_or("min_interval", out.min_interval);
  out.worth = root.duration_or("worth", out.worth);
  out.measure_for = root.duration_or("measure_for", out.measure_for);
  out.compliance = root.number_or("compliance", out.compliance);
  if (out.compliance <= 0 || out.compliance > 1)
    root.mistake("compliance", "compliance is a share of drivers, above 0 and at most 1");
  if (out.evaluate_every < std::chrono::seconds(10)) root.mistake("evaluate_every", "at least 10 seconds");
  for (base::ConfigTable& table : root.tables("sign")) out.signs.push_back(read_sign(table));
  TRY(config.check());
  return out;
}

int columns_of(std::string_view utf8) {
  int out = 0;
  each_character(utf8, [&](std::string_view, int wide) { out += wide; });
  return out;
}

std::optional<std::string> sign_text(const Sign& sign, const SignMessage& message) {
  int used = 0;
  if (sign.zh && sign.en) {
    // Each language has half of the rows, and what the first leaves.
    if (auto zh = sign.rows >= 2 ? fit(sign, message, true, sign.rows / 2, used) : std::nullopt) {
      int rest = 0;
      if (auto en = fit(sign, message, false, sign.rows - used, rest)) return *zh + "\n" + *en;
    }
  }
  if (sign.zh) {
    if (auto zh = fit(sign, message, true, sign.rows, used)) return zh;
  }
  return sign.en ? fit(sign, message, false, sign.rows, used) : std::nullopt;
}

}  // namespace cityloop::traffic
