// Names that nobody told us: people and organisations, by their form and by what stands around them.
//
//   Folded ─▶ [find_unknown] ─▶ findings (guesses, doubts) ─▶ masker
//
// A Chinese person: a surname and one or two letters behind a label (联系人：) or before a title (局长). An English
// one: behind a title or a label, a Chinese surname with a given name in pinyin, or a common given name with a capital
// behind it. An organisation: what ends like one (有限公司, 大学, Ltd., University) and is more than its ordinary
// words; an authority only with the name of its place, for 公安局 alone names nobody. What is weaker than that is a
// doubt: titles in 《》, cities, rows of capitals.
#pragma once

#include "domain/awards/blind/finding.h"

namespace cityloop::awards::blind {

void find_unknown(const Folded&, std::vector<Finding>&);

}  // namespace cityloop::awards::blind
