# Values that tests/survey compares with, from R's survey, psych and relaimpo, on the CSV files of this folder.
# Rscript golden.R <folder of this file> > golden.csv
setup <- Sys.getenv("GOLDEN_SETUP")  # a script that loads the packages in another way
if (nzchar(setup)) source(setup) else suppressMessages({library(survey); library(psych); library(relaimpo)})
here <- c(commandArgs(TRUE), ".")[1]
read <- function(f) read.csv(file.path(here, f), na.strings = "")
put <- function(key, x) { x <- as.vector(unlist(x)); for (i in seq_along(x)) cat(sprintf("%s,%d,%.17g\n", key, i - 1, x[i])) }
cat("key,index,value\n")
srs <- read("apisrs.csv"); strat <- read("apistrat.csv"); clus <- read("apiclus1.csv")
dsrs <- svydesign(id = ~1, fpc = ~fpc, data = srs)
dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat)
dclus <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus)
dwr <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat)
for (n in c("dsrs", "dstrat", "dclus", "dwr")) {
  d <- get(n)
  m <- svymean(~api00, d, deff = TRUE); put(paste0(n, ".mean.api00"), c(coef(m), SE(m), deff(m)))
  m <- svymean(~target, d, na.rm = TRUE); put(paste0(n, ".mean.target"), c(coef(m), SE(m)))
  t <- svytotal(~enroll, d, deff = TRUE, na.rm = TRUE); put(paste0(n, ".total.enroll"), c(coef(t), SE(t), deff(t)))
  r <- svyratio(~api.stu, ~enroll, d, deff = TRUE); put(paste0(n, ".ratio"), c(coef(r), SE(r), deff(r)))
  b <- svyby(~api00, ~stype + awards, d, svymean); put(paste0(n, ".by"), c(b$api00, b$se))
  b <- svyby(~enroll, ~stype, d, svytotal); put(paste0(n, ".bytotal"), c(b$enroll, b$se))
  for (method in c("logit", "wilson", "beta", "mean", "asin", "xlogit")) {
    p <- svyciprop(~I(awards == "Yes"), d, method = method)
    put(paste(n, "prop", method, sep = "."), c(coef(p), sqrt(vcov(p)), confint(p)))
    p <- svyciprop(~I(awards == "Yes"), subset(d, stype != "E" & comp.imp == "Yes"), method = method, level = 0.9)
    put(paste(n, "domain", method, sep = "."), c(coef(p), sqrt(vcov(p)), confint(p)))
  }
  put(paste0(n, ".degf"), c(degf(d), degf(subset(d, stype == "H"))))
  b <- svyby(~I(1 * (awards == "Yes")), ~comp.imp, d, svymean, covmat = TRUE); put(paste0(n, ".cov"), vcov(b))
  k <- svycontrast(b, c(-1, 1)); put(paste0(n, ".contrast"), c(coef(k), SE(k)))
  tt <- svyttest(I(1 * (awards == "Yes")) ~ comp.imp, d)
  put(paste0(n, ".ttest"), c(tt$estimate, tt$parameter, tt$p.value, tt$conf.int))
}
# weights fitted to margins
types <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
for (n in c("dsrs", "dstrat", "dclus")) {
  d <- get(n)
  for (how in c("tight", "default")) {
    control <- if (how == "tight") list(maxit = 100, epsilon = 1e-12) else list(maxit = 10, epsilon = 1)
    r <- rake(d, list(~stype, ~sch.wide), list(types, wide), control = control)
    k <- paste0(n, ".rake.", how)
    put(paste0(k, ".weights"), weights(r)[1:20])
    m <- svymean(~api00, r); put(paste0(k, ".mean"), c(coef(m), SE(m)))
    t <- svytotal(~enroll, r, na.rm = TRUE); put(paste0(k, ".total"), c(coef(t), SE(t)))
    b <- svyby(~api00, ~awards, r, svymean); put(paste0(k, ".by"), c(b$api00, b$se))
    for (method in c("logit", "wilson", "beta")) {
      p <- svyciprop(~I(awards == "Yes"), r, method = method)
      put(paste(k, method, sep = "."), c(coef(p), sqrt(vcov(p)), confint(p)))
    }
  }
  s <- postStratify(d, ~sch.wide, wide); put(paste0(n, ".post.weights"), weights(s)[1:20])
  m <- svymean(~api00, s); put(paste0(n, ".post.mean"), c(coef(m), SE(m)))
  t <- svytotal(~enroll, s, na.rm = TRUE); put(paste0(n, ".post.total"), c(coef(t), SE(t)))
  b <- svyby(~api00, ~awards, s, svymean); put(paste0(n, ".post.by"), c(b$api00, b$se))
}
r <- rake(dstrat, list(~stype, ~sch.wide), list(types, wide), control = list(maxit = 100, epsilon = 1e-12))
put("trim.loose", weights(trimWeights(r, upper = 45, lower = 15)))
put("trim.strict", weights(trimWeights(r, upper = 45, lower = 15, strict = TRUE)))
# lonely strata
lone <- strat[c(1:40, which(strat$stype == "H")[1], which(strat$stype == "M")[1:30]), ]
lone <- lone[!duplicated(lone$cds), ]
put("lonely.rows", as.integer(match(lone$cds, strat$cds)) - 1)
for (rule in c("remove", "certainty", "adjust", "average")) {
  options(survey.lonely.psu = rule)
  d <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = lone)
  m <- svymean(~api00, d); t <- svytotal(~enroll, d); b <- svyby(~enroll, ~awards, d, svytotal)
  put(paste0("lonely.", rule), c(SE(m), SE(t), b$se))
}
options(survey.lonely.psu = "fail")
# Likert survey
likert <- read("likert.csv")
items <- grep("_[0-9]$", names(likert), value = TRUE)
factors <- split(items, sub("_[0-9]$", "", items))[c("access", "procedure", "staff", "result", "feedback")]
for (i in c(items, "overall")) likert[[paste0("s_", i)]] <- ifelse(is.na(likert[[i]]), NA, 1 * (likert[[i]] >= 4))
designs <- list(
  strat = svydesign(id = ~1, strata = ~unit, fpc = ~population, data = likert),
  weighted = svydesign(id = ~1, weights = ~weight, data = likert))
for (n in names(designs)) {
  d <- designs[[n]]
  for (i in c("access_1", "feedback_2", "overall")) for (method in c("logit", "wilson", "beta")) {
    f <- as.formula(paste0("~s_", i))
    answered <- d[!is.na(likert[[paste0("s_", i)]]), ]
    p <- svyciprop(f, answered, method = method); put(paste("likert", n, i, method, sep = "."), c(coef(p), SE(p) , confint(p), degf(answered)))
    b <- svyby(f, ~gender + age, answered, svyciprop, method = method, vartype = c("se", "ci"))
    put(paste("likert", n, i, method, "by", sep = "."), c(b[[3]], b[[4]], b[["ci_l"]], b[["ci_u"]]))
  }
  m <- svymean(~s_access_1, d, na.rm = TRUE, deff = TRUE); put(paste("likert", n, "deff", sep = "."), deff(m))
  # conventions: all answers as columns, functions of their totals
  y <- as.matrix(likert[paste0("s_", items)]); valid <- 1 * !is.na(y); y[is.na(y)] <- 0
  both <- data.frame(y, valid); names(both) <- c(paste0("y", seq_along(items)), paste0("d", seq_along(items)))
  e <- do.call(update, c(list(d), as.list(both)))
  for (g in c("all", "Huyen2", "nu")) {
    part <- switch(g, all = e, Huyen2 = subset(e, unit == "Huyen2"), nu = subset(e, gender == "nu"))
    t <- svytotal(as.formula(paste("~", paste(names(both), collapse = "+"))), part)
    at <- function(f, letter) paste0(letter, match(factors[[f]], items))
    pooled <- lapply(names(factors), function(f) paste0("(", paste(at(f, "y"), collapse = "+"), ")/(", paste(at(f, "d"), collapse = "+"), ")"))
    meaned <- lapply(names(factors), function(f) paste0("(", paste(paste0(at(f, "y"), "/", at(f, "d")), collapse = "+"), ")/", length(factors[[f]])))
    whole <- list(paste0("(", paste(names(both)[seq_along(items)], collapse = "+"), ")/(", paste(names(both)[-seq_along(items)], collapse = "+"), ")"))
    mean5 <- list(paste0("(", paste(unlist(pooled), collapse = "+"), ")/5")); mean5i <- list(paste0("(", paste(unlist(meaned), collapse = "+"), ")/5"))
    for (name in c("pooled", "meaned", "whole", "mean5", "mean5i")) for (j in seq_along(get(name))) {
      k <- svycontrast(t, parse(text = get(name)[[j]])[[1]]); put(paste("likert", n, name, g, j, sep = "."), c(coef(k), SE(k)))
    }
  }
}
# pooled as one row an answer, respondents as clusters
long <- do.call(rbind, lapply(factors$staff, function(i) data.frame(id = likert$id, unit = likert$unit, population = likert$population, s = likert[[paste0("s_", i)]])))
dl <- svydesign(id = ~id, strata = ~unit, fpc = ~population, data = long); dl <- dl[!is.na(long$s), ]
for (method in c("logit", "wilson", "beta")) { p <- svyciprop(~s, dl, method = method); put(paste0("likert.long.", method), c(coef(p), SE(p), confint(p))) }
# change between periods, units compared
d <- designs$strat; a <- d[!is.na(likert$s_access_1), ]
b <- svyby(~s_access_1, ~period, a, svymean, covmat = TRUE); k <- svycontrast(b, c(-1, 1)); put("likert.change", c(coef(k), SE(k), degf(a)))
b <- svyby(~s_access_1, ~unit, a, svymean, covmat = TRUE)
put("likert.units", c(coef(b), SE(b)))
pairs <- combn(7, 2); p <- apply(pairs, 2, function(ij) { w <- rep(0, 7); w[ij[1]] <- 1; w[ij[2]] <- -1; k <- svycontrast(b, w)
  n <- table(likert$unit[!is.na(likert$s_access_1)]); 2 * pt(-abs(coef(k) / SE(k)), df = sum(n[ij]) - 2) })
put("likert.pairs.p", p); put("likert.pairs.holm", p.adjust(p, "holm"))
# scale
for (f in c("access", "staff")) {
  al <- suppressWarnings(psych::alpha(likert[factors[[f]]]))
  put(paste0("alpha.", f), c(al$total$raw_alpha, al$total$std.alpha, al$total$`G6(smc)`, al$total$average_r, al$total$`S/N`, al$total$ase, al$total$mean, al$total$sd, al$total$median_r))
  put(paste0("alpha.", f, ".drop"), c(al$alpha.drop$raw_alpha, al$alpha.drop$std.alpha, al$alpha.drop$`G6(smc)`, al$alpha.drop$average_r))
  put(paste0("alpha.", f, ".stats"), c(al$item.stats$n, al$item.stats$raw.r, al$item.stats$std.r, al$item.stats$r.cor, al$item.stats$r.drop, al$item.stats$mean, al$item.stats$sd))
  put(paste0("alpha.", f, ".feldt"), c(al$feldt$lower.ci, al$feldt$upper.ci))
}
# drivers
x <- likert[c("overall", items[c(1, 4, 7, 8, 11, 13)])]
for (weights in list(NULL, likert$weight)) {
  r <- suppressWarnings(calc.relimp(x, type = c("lmg", "last", "first", "betasq"), weights = weights))
  put(paste0("lmg.", if (is.null(weights)) "plain" else "weighted"), c(r@R2, r@lmg, r@last, r@first, r@betasq))
}
s <- swiss[c("Fertility", "Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")]
r <- calc.relimp(s, type = c("lmg", "last", "first", "betasq")); put("lmg.swiss", c(r@R2, r@lmg, r@last, r@first, r@betasq))
put("drivers.vif", diag(solve(cor(x[complete.cases(x), -1]))))
