#include "domain/traffic/command_words.h"

#include <algorithm>

namespace cityloop::traffic {

CommandWords::CommandWords(const std::vector<std::string>& words, const std::vector<std::string>& flags) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string key = word.substr(std::min<std::size_t>(2, word.size()));
    if (!word.starts_with("--")) wrong("'" + word + "' is no option");
    else if (std::ranges::find(flags, key) != flags.end()) said_[key] = "true";
    else if (i + 1 == words.size()) wrong(word + " lacks its value");
    else said_[key] = words[++i];
  }
}

std::string CommandWords::text(const std::string& key) {
  auto at = said_.extract(key);
  return at.empty() ? std::string{} : std::move(at.mapped());
}

void CommandWords::text(const std::string& key, std::string& into) {
  if (auto at = said_.extract(key); !at.empty()) into = std::move(at.mapped());
}

void CommandWords::time(const std::string& key, base::Instant& into) {
  const std::string value = text(key);
  if (value.empty()) return;
  if (const auto read = base::parse_time(value)) into = *read;
  else wrong(fmt::format("--{} is a time, not '{}'", key, value));
}

void CommandWords::wrong(std::string text) {
  mistakes_ += (mistakes_.empty() ? "" : "; ") + std::move(text);
}

base::Status CommandWords::check(std::string_view usage) {
  for (const auto& [key, value] : said_) wrong("--" + key + " is not known");
  if (mistakes_.empty()) return {};
  return base::fail(base::Errc::invalid, "{}\n{}", mistakes_, usage);
}

}  // namespace cityloop::traffic
