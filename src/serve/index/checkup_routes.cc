// The check-up as data and as PDF: GET /api/v1/checkup(.pdf)?period=day…year&area=…
#include "base/log.h"
#include "serve/index/checkup.h"
#include "serve/index/checkup_sheet.h"
#include "serve/index/indicator_routes.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;

base::Result<index::Span> span_asked(const Call& call) {
  const auto word = call.request.argument("period");
  if (!word) return index::Span::month;
  const auto span = index::span_from(*word);
  if (!span || *span == index::Span::now || *span == index::Span::minute)
    return fail(Errc::invalid, "'period' is one of: hour, day, week, month, quarter, year");
  return *span;
}

using Answer = std::function<net::Response(const IndicatorView&, const CheckupWish&)>;

void assemble(const IndicatorRoutes& on, const Call& call, net::Reply reply, Answer answer) {
  const auto view = indicator_view(on);
  if (!view) return reply(net::problem(view.error()));
  const auto area = area_asked(on, *view, call);
  if (!area) return reply(net::problem(area.error()));
  const auto span = span_asked(call);
  if (!span) return reply(net::problem(span.error()));
  answer_later(on, std::move(reply),
               [on, view = *view, area = *area, span = *span, by = call.principal, answer = std::move(answer)] {
                 const auto sees = [&](const index::AreaEntry& one) { return may_see(on.guard, by, one).has_value(); };
                 return answer(view, {span, area, sees, on.twin.clock().now()});
               });
}

}  // namespace

void show_checkup(const IndicatorRoutes& on, const Call& call, net::Reply reply) {
  assemble(on, call, std::move(reply), [](const IndicatorView& view, const CheckupWish& wish) {
    const auto checkup = assemble_checkup(view, wish);
    if (!checkup) return net::problem(checkup.error());
    base::JsonWriter out;
    write_checkup(out, *checkup, view, wish);
    return json_response(out);
  });
}

void print_checkup(const IndicatorRoutes& on, const Call& call, net::Reply reply) {
  const Language language = language_of(call.request);
  assemble(on, call, std::move(reply),
           [&city = on.city, language, fonts = on.font_config](const IndicatorView& view, const CheckupWish& wish) {
             const auto checkup = assemble_checkup(view, wish);
             if (!checkup) return net::problem(checkup.error());
             auto pdf = make_checkup_sheet(*checkup, wish, city, view.rules().zone(), language, fonts);
             if (!pdf) {
               base::log_warn("no check-up was printed: {}", pdf.error().message);
               return net::problem(pdf.error());
             }
             net::Response out;
             out.content_type = "application/pdf";
             out.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"checkup-{}.pdf\"",
                                                                         base::format_time(wish.now).substr(0, 10)));
             out.headers.emplace_back("Cache-Control", "private, no-store");
             out.headers.emplace_back("X-Content-Type-Options", "nosniff");
             out.body = std::move(*pdf);
             return out;
           });
}

}  // namespace cityloop::serve
