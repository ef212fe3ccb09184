# Rules of the examinations
schemes-unknown = There is no examination scheme with the code “{ $code }”; there are: { $known }.
