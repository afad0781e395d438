#include "twin/query/collation.h"

#include <unicode/coll.h>
#include <unicode/locid.h>

namespace cityloop::twin {
namespace {

constexpr std::size_t kTagMax = 100;

}  // namespace

struct Collation::Rules {
  std::unique_ptr<icu::Collator> collator;

  static std::shared_ptr<const Rules> make(const icu::Locale& locale) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Collator> collator(icu::Collator::createInstance(locale, status));
    return U_FAILURE(status) ? nullptr : std::make_shared<const Rules>(std::move(collator));
  }
};

Collation::Collation() {
  static const std::shared_ptr<const Rules> kRoot = Rules::make(icu::Locale::getRoot());
  rules_ = kRoot;
}

base::Result<Collation> Collation::parse(std::string_view tag) {
  const auto wrong = [] {
    return base::fail(base::Errc::invalid, "collation: expected a language tag like und-x-icu or de-u-co-phonebk");
  };
  if (tag.empty() || tag.size() > kTagMax) return wrong();
  UErrorCode status = U_ZERO_ERROR;
  const auto locale = icu::Locale::forLanguageTag(icu::StringPiece(tag.data(), std::int32_t(tag.size())), status);
  if (U_FAILURE(status) || locale.isBogus()) return wrong();
  auto rules = Rules::make(locale);
  if (!rules) return wrong();
  return Collation(std::move(rules));
}

std::string Collation::key(std::string_view text) const {
  const auto wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), std::int32_t(text.size())));
  std::string out(std::size_t(rules_->collator->getSortKey(wide, nullptr, 0)), '\0');
  rules_->collator->getSortKey(wide, reinterpret_cast<std::uint8_t*>(out.data()), std::int32_t(out.size()));
  return out;
}

}  // namespace cityloop::twin
