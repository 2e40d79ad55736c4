-- Costs in the columns of FOCUS 1.2 (a billing period is a calendar month, UTC; a sub account is a data plane; a resource is a metric of a service). What Firn has not (commitment discounts, capacity reservations, invoices, tax, regions) has no column, as FOCUS lets it. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_cost_focus AS
WITH
    CAST(toDecimal256(q.quantity, 12) / p.per, 'Decimal(38, 12)') AS priced,
    CAST(toDecimal256(priced, 12) * toDecimal256(p.price, 9), 'Decimal(38, 21)') AS its_cost,
    startsWith(q.metric_name, '__') AS nobodys
SELECT
    its_cost AS BilledCost,
    'firn' AS BillingAccountId,
    CAST('Firn', 'Nullable(String)') AS BillingAccountName,
    p.currency AS BillingCurrency,
    toDateTime(addMonths(toStartOfMonth(q.period), 1), 'UTC') AS BillingPeriodEnd,
    toDateTime(toStartOfMonth(q.period), 'UTC') AS BillingPeriodStart,
    'Usage' AS ChargeCategory,
    CAST(NULL, 'Nullable(String)') AS ChargeClass,
    CAST(concat(transform(CAST(q.meter, 'String'), ['points', 'samples', 'otlp_bytes', 'new_series', 'active_series_hours', 'engine_byte_hours', 'lake_byte_hours', 'query_microseconds', 'query_read_bytes'], ['Points taken in', 'Samples taken in', 'OTLP bytes taken in', 'New series', 'Series with points', 'Storage in the engine', 'Storage in the lake', 'Time of queries', 'Bytes read by queries'], CAST(q.meter, 'String')), ' of ', q.metric_name), 'Nullable(String)') AS ChargeDescription,
    'Usage-Based' AS ChargeFrequency,
    q.period + toIntervalSecond(q.seconds) AS ChargePeriodEnd,
    q.period AS ChargePeriodStart,
    CAST(q.quantity, 'Nullable(Decimal(38, 0))') AS ConsumedQuantity,
    CAST(p.unit, 'Nullable(String)') AS ConsumedUnit,
    its_cost AS ContractedCost,
    CAST(p.price, 'Nullable(Decimal(38, 9))') AS ContractedUnitPrice,
    its_cost AS EffectiveCost,
    'Firn' AS InvoiceIssuerName,
    its_cost AS ListCost,
    CAST(p.price, 'Nullable(Decimal(38, 9))') AS ListUnitPrice,
    CAST('Standard', 'Nullable(String)') AS PricingCategory,
    CAST(priced, 'Nullable(Decimal(38, 12))') AS PricingQuantity,
    CAST(p.pricing_unit, 'Nullable(String)') AS PricingUnit,
    'Firn' AS ProviderName,
    'Firn' AS PublisherName,
    if(nobodys, NULL, arrayStringConcat([CAST(q.data_plane_id, 'String'), CAST(q.environment, 'String'), CAST(q.service_name, 'String'), CAST(q.metric_name, 'String')], '/')) AS ResourceId,
    if(nobodys, NULL, CAST(q.metric_name, 'String')) AS ResourceName,
    if(nobodys, NULL, 'Metric') AS ResourceType,
    'Management and Governance' AS ServiceCategory,
    'Firn' AS ServiceName,
    'Observability' AS ServiceSubcategory,
    CAST(q.meter, 'Nullable(String)') AS SkuId,
    CAST(q.meter, 'Nullable(String)') AS SkuMeter,
    CAST(concat(q.meter, '/', p.currency), 'Nullable(String)') AS SkuPriceId,
    nullIf(CAST(q.data_plane_id, 'String'), '') AS SubAccountId,
    nullIf(CAST(q.data_plane_id, 'String'), '') AS SubAccountName,
    if(q.data_plane_id = '', NULL, 'Data plane') AS SubAccountType,
    CAST(toJSONString(mapFilter((k, v) -> v != '', map('environment', CAST(q.environment, 'String'), 'service_name', CAST(q.service_name, 'String'), 'source', CAST(q.source, 'String'), 'team', CAST(q.team, 'String')))), 'Nullable(String)') AS Tags
FROM (SELECT * FROM ${database}.firn_cost_quantities FINAL) AS q
INNER JOIN (SELECT * FROM ${database}.firn_cost_prices FINAL) AS p ON q.meter = p.meter
WHERE q.quantity != 0
