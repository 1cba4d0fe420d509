/** Functions that may be used in what another site wrote: they read nothing but their arguments, and do nothing. */

/**
 * The same answer for the same arguments, always. From `system.functions` of 26.7 where it calls them deterministic, without
 * those that name a table (`in(x, t)`, however it is spelled), that read dictionaries, files or settings, that wait, or that
 * make long values out of short ones (`repeat`, `range`).
 */
const STEADY = `
  abs accurateCast accurateCastOrDefault accurateCastOrNull acos acosh addDate addDays addHours
  addInterval addMicroseconds addMilliseconds addMinutes addMonths addNanoseconds addQuarters addSeconds
  addTupleOfIntervals addWeeks addYears age alphaTokens and appendTrailingCharIfAbsent array array_remove
  array_to_string arrayAll arrayAUC arrayAUCPR arrayAutocorrelation arrayAvg arrayBottomK arrayCompact
  arrayConcat arrayCount arrayCumSum arrayCumSumNonNegative arrayDifference arrayDistinct arrayDotProduct
  arrayElement arrayElementOrNull arrayEnumerate arrayEnumerateDense arrayEnumerateDenseRanked
  arrayEnumerateUniq arrayEnumerateUniqRanked arrayExcept arrayExists arrayFill arrayFilter arrayFirst
  arrayFirstIndex arrayFirstOrNull arrayFlatten arrayFold arrayIntersect arrayJaccardIndex arrayLast
  arrayLastIndex arrayLastOrNull arrayLevenshteinDistance arrayLevenshteinDistanceWeighted arrayMap
  arrayMax arrayMin arrayNormalizedGini arrayPopBack arrayPopFront arrayPRAUC arrayProduct arrayPushBack
  arrayPushFront arrayReduce arrayReduceInRanges arrayRemove arrayReverse arrayReverseFill
  arrayReverseSort arrayReverseSplit arrayROCAUC arrayRotateLeft arrayRotateRight arrayShiftLeft
  arrayShiftRight arrayShingles arraySimilarity arraySlice arraySort arraySplit arrayStringConcat arraySum
  arraySymmetricDifference arrayTopK arrayTranspose arrayUnion arrayUniq arrayZip arrayZipUnaligned ascii
  asin asinh assumeNotNull atan atan2 atanh avg2 base32Decode base32Encode base58Decode base58Encode
  base64Decode base64Encode base64URLDecode base64URLEncode basename bin bitAnd bitCount
  bitHammingDistance bitmapAnd bitmapAndCardinality bitmapAndnot bitmapAndnotCardinality bitmapBuild
  bitmapCardinality bitmapContains bitmapHasAll bitmapHasAny bitmapMax bitmapMin bitmapOr
  bitmapOrCardinality bitmapSubsetInRange bitmapSubsetLimit bitmapToArray bitmapTransform bitmapXor
  bitmapXorCardinality bitmaskToArray bitmaskToList bitNot bitOr bitPositionsToArray bitRotateLeft
  bitRotateRight bitShiftLeft bitShiftRight bitSlice bitTest bitTestAll bitTestAny bitXor
  byteHammingDistance byteSlice byteSwap CARDINALITY caseFoldUTF8 caseWithExpr caseWithoutExpr
  caseWithoutExpression CAST cbrt ceil ceiling changeDay changeHour changeMinute changeMonth changeSecond
  changeYear char CHAR_LENGTH CHARACTER_LENGTH cityHash64 clamp coalesce compareSubstrings concat
  concat_ws concatAssumeInjective concatWithSeparator concatWithSeparatorAssumeInjective conv
  convertCharset cos cosh cosineDistance cosineDistanceTransposed cosineDistanceTransposedQuantized
  countDigits countEqual countMatches countMatchesCaseInsensitive countSubstrings
  countSubstringsCaseInsensitive countSubstringsCaseInsensitiveUTF8 CRC32 CRC32IEEE CRC64 cutFragment
  cutIPv6 cutQueryString cutQueryStringAndFragment cutToFirstSignificantSubdomain
  cutToFirstSignificantSubdomainCustom cutToFirstSignificantSubdomainCustomRFC
  cutToFirstSignificantSubdomainCustomWithWWW cutToFirstSignificantSubdomainCustomWithWWWRFC
  cutToFirstSignificantSubdomainRFC cutToFirstSignificantSubdomainWithWWW
  cutToFirstSignificantSubdomainWithWWWRFC cutURLParameter cutWWW damerauLevenshteinDistance DATE date_bin
  DATE_DIFF DATE_FORMAT DATE_TRUNC dateDiff dateName dateTime64ToSnowflakeID dateTimeToSnowflakeID
  dateTrunc DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR decodeHTMLComponent decodeURLComponent
  decodeURLFormComponent decodeXMLComponent degrees distanceCosine distanceCosineTransposed distanceL1
  distanceL2 distanceL2Squared distanceL2Transposed distanceLinf distanceLp divide divideDecimal
  divideOrNull domain domainRFC domainWithoutWWW domainWithoutWWWRFC dotProduct dotProductTransposed
  dotProductTransposedQuantized dynamicElement dynamicType e editDistance editDistanceUTF8 empty
  emptyArrayDate emptyArrayDateTime emptyArrayFloat32 emptyArrayFloat64 emptyArrayInt16 emptyArrayInt32
  emptyArrayInt64 emptyArrayInt8 emptyArrayString emptyArrayToSingle emptyArrayUInt16 emptyArrayUInt32
  emptyArrayUInt64 emptyArrayUInt8 encodeURLComponent encodeURLFormComponent encodeXMLComponent endsWith
  endsWithCaseInsensitive endsWithCaseInsensitiveUTF8 endsWithUTF8 equals erf erfc exp exp10 exp2 extract
  extractAll extractAllGroups extractAllGroupsHorizontal extractAllGroupsVertical extractGroups
  extractKeyValuePairs extractKeyValuePairsWithEscaping extractTextFromHTML extractURLParameter
  extractURLParameterNames extractURLParameters factorial farmFingerprint64 farmHash64 firstLine
  firstNonDefault firstSignificantSubdomain firstSignificantSubdomainCustom
  firstSignificantSubdomainCustomRFC firstSignificantSubdomainRFC flatten flattenTuple floor format
  FORMAT_BYTES formatDateTime formatDateTimeInJodaSyntax formatRow formatRowNoNewline fragment FROM_BASE64
  FROM_DAYS FROM_UNIXTIME from_utc_timestamp fromDaysSinceYearZero fromDaysSinceYearZero32
  fromModifiedJulianDay fromModifiedJulianDayOrNull fromUnixTimestamp fromUnixTimestamp64Micro
  fromUnixTimestamp64Milli fromUnixTimestamp64Nano fromUnixTimestamp64Second fromUnixTimestampInJodaSyntax
  fromUTCTimestamp gccMurmurHash gcd greater greaterOrEquals greatest halfMD5 has hasAll hasAllToken
  hasAllTokens hasAny hasAnyToken hasAnyTokens hasPhrase hasSubsequence hasSubsequenceCaseInsensitive
  hasSubsequenceCaseInsensitiveUTF8 hasSubsequenceUTF8 hasSubstr hasToken hasTokenCaseInsensitive
  hasTokenCaseInsensitiveOrNull hasTokenOrNull hex highlight hilbertDecode hilbertEncode hiveHash HMAC hop
  hopEnd hopStart HOUR hypot icebergHash identity if ifNotFinite ifNull ilike indexOf indexOfAssumeSorted
  INET6_ATON INET6_NTOA INET_ATON INET_NTOA initcap initcapUTF8 instr intDiv intDivOrNull intDivOrZero
  intExp10 intExp2 intHash32 intHash64 IPv4CIDRToRange IPv4NumToString IPv4NumToStringClassC
  IPv4StringToNum IPv4StringToNumOrDefault IPv4StringToNumOrNull IPv4ToIPv6 IPv6CIDRToRange
  IPv6NumToString IPv6StringToNum IPv6StringToNumOrDefault IPv6StringToNumOrNull isASCII isDistinctFrom
  isDynamicElementInSharedData isFinite isInfinite isIPAddressInRange isIPv4String isIPv6String isNaN
  isNotDistinctFrom isNotNull isNull isNullable isPrime isProbablePrime isValidASCII isValidJSON
  isValidUTF8 isZeroOrNull jaroSimilarity jaroWinklerSimilarity javaHash javaHashUTF16LE JSON_ARRAY_LENGTH
  JSON_EXISTS JSON_QUERY JSON_VALUE JSONAllPaths JSONAllPathsWithTypes JSONAllValues JSONArrayLength
  JSONDynamicPaths JSONDynamicPathsWithTypes JSONExtract JSONExtractArrayRaw
  JSONExtractArrayRawCaseInsensitive JSONExtractBool JSONExtractBoolCaseInsensitive
  JSONExtractCaseInsensitive JSONExtractFloat JSONExtractFloatCaseInsensitive JSONExtractInt
  JSONExtractIntCaseInsensitive JSONExtractKeys JSONExtractKeysAndValues
  JSONExtractKeysAndValuesCaseInsensitive JSONExtractKeysAndValuesRaw
  JSONExtractKeysAndValuesRawCaseInsensitive JSONExtractKeysCaseInsensitive JSONExtractRaw
  JSONExtractRawCaseInsensitive JSONExtractString JSONExtractStringCaseInsensitive JSONExtractUInt
  JSONExtractUIntCaseInsensitive JSONHas JSONKey JSONLength JSONMergePatch JSONSharedDataPaths
  JSONSharedDataPathsWithTypes JSONType jumpConsistentHash kafkaMurmurHash keccak256 kostikConsistentHash
  L1Distance L1Norm L1Normalize L2Distance L2DistanceTransposed L2DistanceTransposedQuantized L2Norm
  L2Normalize L2SquaredDistance L2SquaredNorm LAST_DAY lcase lcm least left leftUTF8 length lengthUTF8
  less lessOrEquals levenshteinDistance levenshteinDistanceUTF8 lgamma like LinfDistance LinfNorm
  LinfNormalize ln locate log log10 log1p log2 lower lowerUTF8 LpDistance LpNorm LpNormalize ltrim
  makeDate makeDate32 makeDateTime makeDateTime64 map MAP_FROM_ARRAYS mapAdd mapAll mapApply mapConcat
  mapContains mapContainsKey mapContainsKeyLike mapContainsValue mapContainsValueLike mapExists
  mapExtractKeyLike mapExtractValueLike mapFilter mapFromArrays mapFromString mapKeys
  mapPartialReverseSort mapPartialSort mapPopulateSeries mapReverseSort mapSort mapSubtract mapUpdate
  mapValues match matchPhrase materialize max2 MD4 MD5 metroHash64 MICROSECOND mid midpoint MILLISECOND
  min2 minSampleSizeContinous minus MINUTE mismatches mod modOrNull modulo moduloLegacy moduloOrNull
  moduloOrZero MONTH monthName mortonDecode mortonEncode multiFuzzyMatchAllIndices multiFuzzyMatchAny
  multiFuzzyMatchAnyIndex multiIf multiMatchAllIndices multiMatchAny multiMatchAnyIndex multiply
  multiplyDecimal multiSearchAllPositions multiSearchAllPositionsCaseInsensitive
  multiSearchAllPositionsCaseInsensitiveUTF8 multiSearchAllPositionsUTF8 multiSearchAny
  multiSearchAnyCaseInsensitive multiSearchAnyCaseInsensitiveUTF8 multiSearchAnyUTF8 multiSearchFirstIndex
  multiSearchFirstIndexCaseInsensitive multiSearchFirstIndexCaseInsensitiveUTF8 multiSearchFirstIndexUTF8
  multiSearchFirstPosition multiSearchFirstPositionCaseInsensitive
  multiSearchFirstPositionCaseInsensitiveUTF8 multiSearchFirstPositionUTF8 murmurHash2_32 murmurHash2_64
  murmurHash3_128 murmurHash3_32 murmurHash3_64 naiveBayesNgrams NANOSECOND NATURAL_SORT_KEY
  naturalSortKey negate netloc ngramDistance ngramDistanceCaseInsensitive ngramDistanceCaseInsensitiveUTF8
  ngramDistanceUTF8 ngramMinHash ngramMinHashArg ngramMinHashArgCaseInsensitive
  ngramMinHashArgCaseInsensitiveUTF8 ngramMinHashArgUTF8 ngramMinHashCaseInsensitive
  ngramMinHashCaseInsensitiveUTF8 ngramMinHashUTF8 ngrams ngramSearch ngramSearchCaseInsensitive
  ngramSearchCaseInsensitiveUTF8 ngramSearchUTF8 ngramSimHash ngramSimHashCaseInsensitive
  ngramSimHashCaseInsensitiveUTF8 ngramSimHashUTF8 normalizeL1 normalizeL2 normalizeLinf normalizeLp
  normalizeUTF8NFC normalizeUTF8NFD normalizeUTF8NFKC normalizeUTF8NFKCCasefold normalizeUTF8NFKD normL1
  normL2 normL2Squared normLinf normLp not notEmpty notEquals notILike notLike nullIf OCTET_LENGTH or
  overlay overlayUTF8 parseDateTime parseDateTime32BestEffort parseDateTime32BestEffortOrNull
  parseDateTime32BestEffortOrZero parseDateTime64 parseDateTime64BestEffort
  parseDateTime64BestEffortOrNull parseDateTime64BestEffortOrZero parseDateTime64BestEffortUS
  parseDateTime64BestEffortUSOrNull parseDateTime64BestEffortUSOrZero parseDateTime64InJodaSyntax
  parseDateTime64InJodaSyntaxOrNull parseDateTime64InJodaSyntaxOrZero parseDateTime64OrNull
  parseDateTime64OrZero parseDateTimeBestEffort parseDateTimeBestEffortOrNull
  parseDateTimeBestEffortOrZero parseDateTimeBestEffortUS parseDateTimeBestEffortUSOrNull
  parseDateTimeBestEffortUSOrZero parseDateTimeInJodaSyntax parseDateTimeInJodaSyntaxOrNull
  parseDateTimeInJodaSyntaxOrZero parseDateTimeOrNull parseDateTimeOrZero partitionID path pathFull pi
  plus pmod pmodOrNull port portRFC position positionCaseInsensitive positionCaseInsensitiveUTF8
  positionUTF8 positive_modulo positive_modulo_or_null positiveModulo positiveModuloOrNull pow power
  prettyPrintJSON printf proportionsZTest protocol QUARTER queryString queryStringAndFragment radians
  randomHadamardTransform readWkb readWkt REGEXP_EXTRACT regexp_instr REGEXP_MATCHES REGEXP_REPLACE
  REGEXP_SUBSTR regexpExtract regexpInstr regexpPosition regexpQuoteMeta reinterpret reinterpretAsDate
  reinterpretAsDateTime reinterpretAsFixedString reinterpretAsFloat32 reinterpretAsFloat64
  reinterpretAsInt128 reinterpretAsInt16 reinterpretAsInt256 reinterpretAsInt32 reinterpretAsInt64
  reinterpretAsInt8 reinterpretAsString reinterpretAsUInt128 reinterpretAsUInt16 reinterpretAsUInt256
  reinterpretAsUInt32 reinterpretAsUInt64 reinterpretAsUInt8 reinterpretAsUUID removeAccentsUTF8
  removeDiacriticsUTF8 replace replaceAll replaceOne replaceRegexpAll replaceRegexpOne replicate reverse
  reverseBySeparator reverseUTF8 right rightUTF8 RIPEMD160 round roundAge roundBankers roundDown
  roundDuration roundToExp2 rtrim scalarProduct scalarProductTransposed SECOND SHA1 SHA224 SHA256 SHA384
  SHA512 SHA512_256 sigmoid sign simpleJSONExtractBool simpleJSONExtractFloat simpleJSONExtractInt
  simpleJSONExtractRaw simpleJSONExtractString simpleJSONExtractUInt simpleJSONHas sin sinh sipHash128
  sipHash128Keyed sipHash128Reference sipHash128ReferenceKeyed sipHash64 sipHash64Keyed
  snowflakeIDToDateTime snowflakeIDToDateTime64 soundex sparseGrams sparseGramsHashes
  sparseGramsHashesUTF8 sparseGramsUTF8 splitByAlpha splitByChar splitByNonAlpha splitByRegexp
  splitByString splitByWhitespace sqid sqidDecode sqidEncode sqr sqrt startsWith startsWithCaseInsensitive
  startsWithCaseInsensitiveUTF8 startsWithUTF8 str_to_date str_to_map stringBytesEntropy stringBytesUniq
  stringJaccardIndex stringJaccardIndexUTF8 subBitmap subDate substr substring SUBSTRING_INDEX
  substringIndex substringIndexUTF8 substringUTF8 subtractDays subtractHours subtractInterval
  subtractMicroseconds subtractMilliseconds subtractMinutes subtractMonths subtractNanoseconds
  subtractQuarters subtractSeconds subtractTupleOfIntervals subtractWeeks subtractYears SVG tan tanh
  tgamma time_bucket timeDiff timeSlot timeSlots timestamp TIMESTAMP_DIFF timestampDiff timeZoneOf
  timeZoneOffset TO_BASE64 TO_DAYS TO_UNIXTIME to_utc_timestamp toBFloat16 toBFloat16OrNull
  toBFloat16OrZero toBool toDate toDate32 toDate32OrDefault toDate32OrNull toDate32OrZero toDateOrDefault
  toDateOrNull toDateOrZero toDateTime toDateTime32 toDateTime64 toDateTime64OrDefault toDateTime64OrNull
  toDateTime64OrZero toDateTimeOrDefault toDateTimeOrNull toDateTimeOrZero toDayOfMonth toDayOfWeek
  toDayOfYear toDaysInMonth toDaysSinceYearZero toDecimal128 toDecimal128OrDefault toDecimal128OrNull
  toDecimal128OrZero toDecimal256 toDecimal256OrDefault toDecimal256OrNull toDecimal256OrZero toDecimal32
  toDecimal32OrDefault toDecimal32OrNull toDecimal32OrZero toDecimal64 toDecimal64OrDefault
  toDecimal64OrNull toDecimal64OrZero toDecimalString toFixedString toFloat32 toFloat32OrDefault
  toFloat32OrNull toFloat32OrZero toFloat64 toFloat64OrDefault toFloat64OrNull toFloat64OrZero toHour
  toInt128 toInt128OrDefault toInt128OrNull toInt128OrZero toInt16 toInt16OrDefault toInt16OrNull
  toInt16OrZero toInt256 toInt256OrDefault toInt256OrNull toInt256OrZero toInt32 toInt32OrDefault
  toInt32OrNull toInt32OrZero toInt64 toInt64OrDefault toInt64OrNull toInt64OrZero toInt8 toInt8OrDefault
  toInt8OrNull toInt8OrZero toInterval toIntervalDay toIntervalHour toIntervalMicrosecond
  toIntervalMillisecond toIntervalMinute toIntervalMonth toIntervalNanosecond toIntervalQuarter
  toIntervalSecond toIntervalWeek toIntervalYear toIPv4 toIPv4OrDefault toIPv4OrNull toIPv4OrZero toIPv6
  toIPv6OrDefault toIPv6OrNull toIPv6OrZero toISOWeek toISOYear toJSONString tokens tokensForLikePattern
  toLastDayOfMonth toLastDayOfWeek toLowCardinality toMicrosecond toMillisecond toMinute
  toModifiedJulianDay toModifiedJulianDayOrNull toMonday toMonth toMonthNumSinceEpoch toNanosecond
  toNullable topLevelDomain topLevelDomainRFC toQuarter toRelativeDayNum toRelativeHourNum
  toRelativeMinuteNum toRelativeMonthNum toRelativeQuarterNum toRelativeSecondNum toRelativeWeekNum
  toRelativeYearNum toSecond toStartOfDay toStartOfFifteenMinutes toStartOfFiveMinute toStartOfFiveMinutes
  toStartOfHour toStartOfInterval toStartOfISOYear toStartOfMicrosecond toStartOfMillisecond
  toStartOfMinute toStartOfMonth toStartOfNanosecond toStartOfQuarter toStartOfSecond toStartOfTenMinutes
  toStartOfWeek toStartOfYear toString toStringCutToZero toTime toTime64 toTime64OrNull toTime64OrZero
  toTimeOrNull toTimeOrZero toTimeWithFixedDate toTimeZone toTypeName toUInt128 toUInt128OrDefault
  toUInt128OrNull toUInt128OrZero toUInt16 toUInt16OrDefault toUInt16OrNull toUInt16OrZero toUInt256
  toUInt256OrDefault toUInt256OrNull toUInt256OrZero toUInt32 toUInt32OrDefault toUInt32OrNull
  toUInt32OrZero toUInt64 toUInt64OrDefault toUInt64OrNull toUInt64OrZero toUInt8 toUInt8OrDefault
  toUInt8OrNull toUInt8OrZero toUnixTimestamp toUnixTimestamp64Micro toUnixTimestamp64Milli
  toUnixTimestamp64Nano toUnixTimestamp64Second toUTCTimestamp toUUID toUUIDOrDefault toUUIDOrNull
  toUUIDOrZero toValidUTF8 toWeek toYear toYearNumSinceEpoch toYearWeek toYYYYMM toYYYYMMDD
  toYYYYMMDDhhmmss transform translate translateUTF8 trim trimBoth trimLeft trimRight trunc truncate
  tryBase32Decode tryBase58Decode tryBase64Decode tryBase64URLDecode tumble tumbleEnd tumbleStart tuple
  tupleConcat tupleDivide tupleDivideByNumber tupleElement tupleHammingDistance tupleIntDiv
  tupleIntDivByNumber tupleIntDivOrZero tupleIntDivOrZeroByNumber tupleMinus tupleModulo
  tupleModuloByNumber tupleMultiply tupleMultiplyByNumber tupleNames tupleNegate tuplePlus
  tuplePositiveModuloByNumber tupleToNameValuePairs ucase unbin unhex upper upperUTF8 URLHash URLHierarchy
  URLPathHierarchy UUIDNumToString UUIDStringToNum UUIDToNum UUIDv7ToDateTime vectorDifference vectorSum
  visitParamExtractBool visitParamExtractFloat visitParamExtractInt visitParamExtractRaw
  visitParamExtractString visitParamExtractUInt visitParamHas week width_bucket widthBucket windowID WKB
  WKT wordShingleMinHash wordShingleMinHashArg wordShingleMinHashArgCaseInsensitive
  wordShingleMinHashArgCaseInsensitiveUTF8 wordShingleMinHashArgUTF8 wordShingleMinHashCaseInsensitive
  wordShingleMinHashCaseInsensitiveUTF8 wordShingleMinHashUTF8 wordShingleSimHash
  wordShingleSimHashCaseInsensitive wordShingleSimHashCaseInsensitiveUTF8 wordShingleSimHashUTF8 wyHash64
  xor xxh3 xxh3_128 xxHash32 xxHash64 xxHash64Spark yandexConsistentHash YEAR yearweek
  YYYYMMDDhhmmssToDateTime YYYYMMDDhhmmssToDateTime64 YYYYMMDDToDate YYYYMMDDToDate32
`;

/** Another answer each time, or at each server: for defaults of columns. */
const MAKERS = `
  now now64 nowInBlock nowInBlock64 today yesterday UTCTimestamp current_timestamp current_date rand
  rand32 rand64 randConstant randCanonical randUniform randomString randomPrintableASCII randomFixedString
  generateUUIDv4 generateUUIDv7 generateULID generateSnowflakeID dateTimeToUUIDv7 hostName FQDN
  serverTimezone timezone serverUUID currentUser user currentDatabase version queryID initialQueryID
`;

/** For projections and for what a TTL puts together. */
const AGGREGATES = `
  any anyHeavy anyLast any_respect_nulls anyLast_respect_nulls any_value approx_top_k approx_top_sum
  argMax argMin avg avgWeighted boundingRatio corr count covarPop covarSamp deltaSum deltaSumTimestamp
  entropy exponentialMovingAverage exponentialTimeDecayedAvg first_value groupArray groupArrayInsertAt
  groupArrayLast groupArrayMovingAvg groupArrayMovingSum groupArraySample groupArraySorted groupBitAnd
  groupBitOr groupBitXor groupBitmap groupBitmapAnd groupBitmapOr groupBitmapXor groupConcat
  groupUniqArray histogram kurtPop kurtSamp last_value max maxIntersections maxMap median min minMap
  nothing quantile quantileBFloat16 quantileDD quantileDeterministic quantileExact quantileExactHigh
  quantileExactLow quantileExactWeighted quantileGK quantileInterpolatedWeighted quantileTDigest
  quantileTDigestWeighted quantileTiming quantileTimingWeighted quantiles quantilesBFloat16 quantilesDD
  quantilesDeterministic quantilesExact quantilesExactHigh quantilesExactLow quantilesExactWeighted
  quantilesGK quantilesTDigest quantilesTDigestWeighted quantilesTiming quantilesTimingWeighted
  sequenceCount sequenceMatch simpleLinearRegression singleValueOrNull skewPop skewSamp sparkbar stddevPop
  stddevSamp sum sumCount sumKahan sumMap sumMapWithOverflow sumWithOverflow topK topKWeighted uniq
  uniqCombined uniqCombined64 uniqExact uniqHLL12 uniqTheta uniqUpTo varPop varSamp windowFunnel
`;

const COMBINATORS =
  /(?:If|Array|Map|SimpleState|State|Merge|MergeState|ForEach|Distinct|OrDefault|OrNull|ArgMin|ArgMax)$/;

/** Where an expression stands decides which functions it may call. */
export type Callable = "steady" | "default" | "aggregate";

const steady = namesIn(STEADY);
const makers = namesIn(MAKERS);
const aggregates = namesIn(AGGREGATES);

/** Whether what another site wrote may call the function there; letters count alike in both cases, as no two differ by them. */
export function mayCall(name: string, where: Callable): boolean {
  const lower = name.toLowerCase();
  if (steady.has(lower)) return true;
  return where === "default" ? makers.has(lower) : where === "aggregate" && isAggregate(name);
}

function isAggregate(name: string): boolean {
  for (let bare = name;;) {
    if (aggregates.has(bare.toLowerCase())) return true;
    const shorter = bare.replace(COMBINATORS, "");
    if (shorter === bare) return false;
    bare = shorter;
  }
}

function namesIn(list: string): ReadonlySet<string> {
  return new Set(list.trim().toLowerCase().split(/\s+/));
}
