#include "domain/awards/panel/duplicates.h"

#include <algorithm>
#include <unordered_map>

#include "domain/awards/blind/folded.h"
#include "text/letters.h"

namespace cityloop::awards::panel {
namespace {

constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kNothing =
    UINT64_MAX;  // in the place of a common shingle: agrees with none, and is never the least

struct Token {
  std::uint64_t hash{};
  std::uint32_t begin{}, end{};  // bytes of the text
};

struct Paper {
  std::vector<Token> tokens;
  std::vector<std::uint64_t> shingles;  // by the token that each begins with
};

std::vector<Token> tokens_of(const std::string& text) {
  const blind::Folded folded = blind::fold(text);
  const std::string& lower = folded.lower;
  std::vector<Token> out;
  for (std::size_t at = 0; at < lower.size();) {
    const text::Letter letter = text::next_letter(lower, at);
    std::size_t end = letter.end;
    if (!text::is_han(letter.code)) {
      const auto in_word = [](char32_t c) { return text::is_alphabetic(c) || text::is_digit(c); };
      if (!in_word(letter.code)) continue;
      while (at < lower.size() && in_word(blind::letter_at(lower, at))) end = text::next_letter(lower, at).end;
    }
    const std::string_view token = std::string_view(lower).substr(letter.begin, end - letter.begin);
    out.push_back({text::hash64(token), folded.from[letter.begin], folded.to[end - 1]});
  }
  return out;
}

// Rolling: each shingle's hash follows from the one before. The last step mixes it, so that the least is a fair draw.
std::vector<std::uint64_t> shingles_of(const std::vector<Token>& tokens, std::size_t size) {
  std::vector<std::uint64_t> out;
  if (tokens.size() < size) return out;
  std::uint64_t power = 1, sum = 0;
  for (std::size_t i = 0; i < size; ++i) power *= kBase;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    sum = sum * kBase + tokens[i].hash;
    if (i >= size) sum -= power * tokens[i - size].hash;
    if (i + 1 < size) continue;
    std::uint64_t mixed = (sum ^ (sum >> 32)) * 0xd6e8feb86659fd93;
    out.push_back(mixed ^ (mixed >> 32));
  }
  return out;
}

// The least of every window, each once: whoever shares a window's worth of text shares one of these.
std::vector<std::uint64_t> prints_of(const std::vector<std::uint64_t>& shingles, std::size_t window) {
  std::vector<std::uint64_t> out;
  std::size_t least = 0;
  for (std::size_t i = 0; i < shingles.size(); ++i) {
    const std::size_t first = i + 1 >= window ? i + 1 - window : 0;
    if (i == 0 || shingles[i] <= shingles[least]) {
      least = i;
    } else if (least < first) {
      least = first;
      for (std::size_t k = first; k <= i; ++k)
        if (shingles[k] <= shingles[least]) least = k;
    }
    const bool whole = i + 1 >= window || i + 1 == shingles.size();
    if (whole && (out.empty() || out.back() != shingles[least])) out.push_back(shingles[least]);
  }
  std::ranges::sort(out);
  const auto again = std::ranges::unique(out);
  out.erase(again.begin(), again.end());
  return out;
}

struct Mark {
  std::uint64_t print{};
  std::uint32_t text{};
};

class Matcher {
 public:
  Matcher(std::span<const std::string> texts, const DuplicateRules& rules) : rules_(rules) {
    for (const std::string& text : texts) {
      Paper& paper = papers_.emplace_back();
      paper.tokens = tokens_of(text);
      paper.shingles = shingles_of(paper.tokens, std::max<std::size_t>(rules.shingle, 1));
    }
    common_ = std::max<std::size_t>(3, std::size_t(rules.common_share * double(texts.size())));
  }

  std::vector<Duplicate> run();

 private:
  void drop_common();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> candidates() const;
  Duplicate compare(std::uint32_t a, std::uint32_t b) const;
  std::vector<Passage> passages(const Paper& a, const Paper& b) const;

  const DuplicateRules& rules_;
  std::vector<Paper> papers_;
  std::vector<std::vector<std::uint64_t>> sets_;  // by text: its shingles, each once, without common ones
  std::size_t common_{};
};

// A shingle that many texts have is the form's. Common ones among the prints tell which: a form's row of words leaves
// prints in all of them, and the shingles around those are common as well; so all shingles are counted.
void Matcher::drop_common() {
  std::vector<std::uint64_t> all;
  for (const Paper& paper : papers_) {
    std::vector<std::uint64_t>& set = sets_.emplace_back(paper.shingles);
    std::ranges::sort(set);
    const auto again = std::ranges::unique(set);
    set.erase(again.begin(), again.end());
    all.insert(all.end(), set.begin(), set.end());
  }
  std::ranges::sort(all);
  std::vector<std::uint64_t> common;
  for (std::size_t first = 0; first < all.size();) {
    std::size_t next = first;
    while (next < all.size() && all[next] == all[first]) ++next;
    if (next - first > common_) common.push_back(all[first]);
    first = next;
  }
  if (common.empty()) return;
  const auto is_common = [&](std::uint64_t shingle) { return std::ranges::binary_search(common, shingle); };
  for (std::vector<std::uint64_t>& set : sets_) std::erase_if(set, is_common);
  for (Paper& paper : papers_) {
    for (std::uint64_t& shingle : paper.shingles)
      if (is_common(shingle)) shingle = kNothing;
  }
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> Matcher::candidates() const {
  std::vector<Mark> marks;
  for (std::uint32_t t = 0; t < papers_.size(); ++t) {
    for (const std::uint64_t print : prints_of(papers_[t].shingles, std::max<std::size_t>(rules_.window, 1)))
      if (print != kNothing) marks.push_back({print, t});
  }
  std::ranges::sort(marks, {}, [](const Mark& mark) { return std::pair(mark.print, mark.text); });
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  for (std::size_t first = 0; first < marks.size();) {
    std::size_t next = first;
    while (next < marks.size() && marks[next].print == marks[first].print) ++next;
    for (std::size_t i = first; i < next; ++i)
      for (std::size_t j = i + 1; j < next; ++j) out.emplace_back(marks[i].text, marks[j].text);
    first = next;
  }
  std::ranges::sort(out);
  const auto again = std::ranges::unique(out);
  out.erase(again.begin(), again.end());
  return out;
}

std::vector<Passage> Matcher::passages(const Paper& a, const Paper& b) const {
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> places;
  for (std::uint32_t j = 0; j < b.shingles.size(); ++j)
    if (b.shingles[j] != kNothing) places[b.shingles[j]].push_back(j);
  const std::size_t size = std::max<std::size_t>(rules_.shingle, 1);
  std::vector<Passage> out;
  for (std::uint32_t i = 0; i < a.shingles.size();) {
    const auto found = a.shingles[i] == kNothing ? places.end() : places.find(a.shingles[i]);
    std::uint32_t longest = 0, at = 0;
    if (found != places.end()) {
      for (const std::uint32_t j : found->second) {
        std::uint32_t run = 0;
        while (i + run < a.shingles.size() && j + run < b.shingles.size() && a.shingles[i + run] != kNothing &&
               a.shingles[i + run] == b.shingles[j + run])
          ++run;
        if (run > longest) longest = run, at = j;
      }
    }
    const auto tokens = longest == 0 ? 0 : std::uint32_t(longest + size - 1);
    if (tokens > 0 && tokens >= rules_.passage_from)
      out.push_back(
          {a.tokens[i].begin, a.tokens[i + tokens - 1].end, b.tokens[at].begin, b.tokens[at + tokens - 1].end, tokens});
    i += std::max(longest, 1u);
  }
  if (out.size() > rules_.passages_max) {
    std::ranges::sort(out, std::greater{}, &Passage::tokens);
    out.resize(rules_.passages_max);
  }
  std::ranges::sort(out, {}, &Passage::a_begin);
  return out;
}

Duplicate Matcher::compare(std::uint32_t a, std::uint32_t b) const {
  const auto &x = sets_[a], &y = sets_[b];
  std::size_t both = 0;
  for (auto i = x.begin(), j = y.begin(); i != x.end() && j != y.end();) {
    if (*i == *j) ++both;
    const bool step_i = *i <= *j, step_j = *j <= *i;
    i += step_i;
    j += step_j;
  }
  Duplicate out{a, b, 0, 0, {}};
  if (both == 0) return out;
  out.jaccard = double(both) / double(x.size() + y.size() - both);
  out.containment = double(both) / double(std::min(x.size(), y.size()));
  return out;
}

std::vector<Duplicate> Matcher::run() {
  drop_common();
  std::vector<Duplicate> out;
  for (const auto& [a, b] : candidates()) {
    Duplicate pair = compare(a, b);
    if (pair.containment >= rules_.containment_from && pair.containment > 0) out.push_back(std::move(pair));
  }
  std::ranges::sort(out, [](const Duplicate& a, const Duplicate& b) {
    return std::tuple(-a.containment, -a.jaccard, a.a, a.b) < std::tuple(-b.containment, -b.jaccard, b.a, b.b);
  });
  if (out.size() > rules_.pairs_max) out.resize(rules_.pairs_max);
  for (Duplicate& pair : out) pair.passages = passages(papers_[pair.a], papers_[pair.b]);
  return out;
}

}  // namespace

std::vector<Duplicate> near_duplicates(std::span<const std::string> texts, const DuplicateRules& rules) {
  return Matcher(texts, rules).run();
}

}  // namespace cityloop::awards::panel
