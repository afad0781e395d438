#include "domain/awards/panel/match.h"

#include <algorithm>
#include <unordered_map>

#include "text/letters.h"
#include "text/likeness.h"
#include "text/normal.h"
#include "text/words.h"

namespace cityloop::awards::panel {
namespace {

// The parts of a key word by which two are compared: pairs of Chinese letters, stems of words. Each once, in order.
std::vector<std::uint64_t> parts_of(std::string_view normal) {
  std::vector<std::uint64_t> out;
  text::Letter before{};
  std::size_t han = 0;
  for (std::size_t at = 0; at < normal.size();) {
    const text::Letter letter = text::next_letter(normal, at);
    if (text::is_han(letter.code)) {
      ++han;
      if (text::is_han(before.code))
        out.push_back(text::hash64(normal.substr(before.begin, letter.end - before.begin)));
      before = letter;
      continue;
    }
    before = {};
    if (letter.code == ' ') continue;
    std::size_t end = letter.end;
    while (end < normal.size() && normal[end] != ' ' && std::uint8_t(normal[end]) < 0x80) ++end;
    out.push_back(text::hash64(text::english_stem(normal.substr(letter.begin, end - letter.begin))));
    at = end;
  }
  if (han == 1) out.push_back(text::hash64(normal));
  std::ranges::sort(out);
  const auto again = std::ranges::unique(out);
  out.erase(again.begin(), again.end());
  return out;
}

double dice(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  if (a.empty() || b.empty()) return 0;
  std::size_t both = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) ++both;
    const bool step_x = *x <= *y, step_y = *y <= *x;
    x += step_x;
    y += step_y;
  }
  return 2 * double(both) / double(a.size() + b.size());
}

// Every key word that anybody gave, once, and how like any two are: there are far fewer of them than pairs of people.
class Vocabulary {
 public:
  std::vector<std::uint32_t> add(std::span<const std::string> words) {
    std::vector<std::uint32_t> out;
    for (const std::string& word : words) {
      std::string normal = text::normal_form(word);
      if (normal.empty()) continue;
      const auto [found, is_new] = place_of_.try_emplace(normal, std::uint32_t(parts_.size()));
      if (is_new) parts_.push_back(parts_of(normal));
      out.push_back(found->second);
    }
    return out;
  }
  double likeness(std::uint32_t a, std::uint32_t b) const { return a == b ? 1 : dice(parts_[a], parts_[b]); }
  std::size_t size() const { return parts_.size(); }

 private:
  std::unordered_map<std::string, std::uint32_t> place_of_;
  std::vector<std::vector<std::uint64_t>> parts_;
};

std::string all_text(const std::vector<std::string>& key_words, const std::string& text) {
  std::string out;
  for (const std::string& word : key_words) out += word + "\n";
  return text::normal_form(out + text);
}

}  // namespace

Matches matches(std::span<const Proposal> proposals, std::span<const Reviewer> reviewers, const MatchRules& rules) {
  Matches out{reviewers.size(), std::vector<float>(proposals.size() * reviewers.size())};
  Vocabulary vocabulary;
  text::LikenessIndex index;
  std::vector<std::vector<std::uint32_t>> asked, known;
  for (std::size_t p = 0; p < proposals.size(); ++p) {
    asked.push_back(vocabulary.add(proposals[p].key_words));
    index.add(p, all_text(proposals[p].key_words, proposals[p].text));
  }
  for (std::size_t r = 0; r < reviewers.size(); ++r) {
    known.push_back(vocabulary.add(reviewers[r].key_words));
    index.add(proposals.size() + r, all_text(reviewers[r].key_words, reviewers[r].text));
  }
  // By reviewer: how like the best of their words is to each word of the vocabulary.
  std::vector<std::vector<float>> best(reviewers.size(), std::vector<float>(vocabulary.size()));
  for (std::size_t r = 0; r < reviewers.size(); ++r) {
    for (std::uint32_t word = 0; word < vocabulary.size(); ++word)
      for (const std::uint32_t own : known[r])
        best[r][word] = std::max(best[r][word], float(vocabulary.likeness(word, own)));
  }
  for (std::size_t p = 0; p < proposals.size(); ++p) {
    const text::LikenessIndex::Probe probe = index.probe(p);
    for (std::size_t r = 0; r < reviewers.size(); ++r) {
      double words = 0;
      for (const std::uint32_t word : asked[p]) words += best[r][word];
      const double texts = std::min(1.0, probe.likeness(proposals.size() + r) / rules.likeness_full);
      const bool has_words = !asked[p].empty() && !known[r].empty();
      const bool has_texts = !proposals[p].text.empty() && !reviewers[r].text.empty();
      const double share = !has_words ? 0 : !has_texts ? 1 : rules.key_words_share;
      if (has_words) words /= double(asked[p].size());
      out.of[p * reviewers.size() + r] = float(share * words + (1 - share) * texts);
    }
  }
  return out;
}

}  // namespace cityloop::awards::panel
